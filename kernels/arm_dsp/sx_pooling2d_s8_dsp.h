/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING2D_S8_DSP_H
#define SX_POOLING2D_S8_DSP_H

#include "sx_average_pooling2d_fold_s8.h"
#include "sx_average_pooling2d_s8.h"
#include "sx_max_pooling2d_fold_s8.h"
#include "sx_max_pooling2d_s8.h"

/**
 * What the kernels of the same names without dsp compute, bit for bit, under the same conditions, four channels at a time.
 * Rows may lie at any address.
 */
void sx_average_pooling2d_s8_dsp_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_average_pooling2d_s8_dsp_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_average_pooling2d_fold_s8_dsp_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                             int8_t *scratch);
void sx_average_pooling2d_fold_s8_dsp_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                           int8_t *scratch);
void sx_max_pooling2d_s8_dsp_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_max_pooling2d_fold_s8_dsp_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                        int8_t *scratch);

#endif
