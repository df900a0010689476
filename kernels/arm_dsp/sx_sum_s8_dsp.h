/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SUM_S8_DSP_H
#define SX_SUM_S8_DSP_H

#include "sx_add_s8.h"
#include "sx_sub_s8.h"

/**
 * What the kernels of sx_add_s8.h and sx_sub_s8.h compute, bit for bit, under the same conditions, with the DSP extension.
 * Operands may lie at any address.
 */
void sx_add_s8_dsp_tflite(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_add_s8_dsp_onnx(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_sub_s8_dsp_tflite(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_sub_s8_dsp_onnx(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
