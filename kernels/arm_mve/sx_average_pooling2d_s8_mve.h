/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_S8_MVE_H
#define SX_AVERAGE_POOLING2D_S8_MVE_H

#include "sx_average_pooling2d_fold_s8.h"

/**
 * What sx_average_pooling2d_s8_<rule> and sx_average_pooling2d_fold_s8_<rule> compute, bit for bit, under the same conditions,
 * four sums at a time; of a pixel, up to 64 channels are written after their windows were read.
 */
void sx_average_pooling2d_s8_mve_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_average_pooling2d_s8_mve_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_average_pooling2d_fold_s8_mve_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                             int8_t *scratch);
void sx_average_pooling2d_fold_s8_mve_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                           int8_t *scratch);

#endif
