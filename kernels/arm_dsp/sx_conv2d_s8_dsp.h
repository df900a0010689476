/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_DSP_H
#define SX_CONV2D_S8_DSP_H

#include "sx_conv2d_s8.h"

/**
 * What sx_conv2d_s8_tflite and sx_conv2d_s8_onnx compute, bit for bit, under the same conditions, with the DSP
 * extension. Inputs and weights may lie at any address.
 */
void sx_conv2d_s8_dsp_tflite(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_conv2d_s8_dsp_onnx(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
