/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_FOLD_S8_H
#define SX_AVERAGE_POOLING2D_FOLD_S8_H

#include <stdint.h>

#include "sx_average_pooling2d_s8.h"

/**
 * What sx_average_pooling2d_s8_tflite and sx_average_pooling2d_s8_onnx compute, bit for bit, for windows that reach
 * over the whole height: kernel_height is the number of input rows, no row is padding. One call per row, top first.
 *
 * @param rows     rows[0] is the input row [in_width][channels]; rows[1] is NULL at the first call, else scratch
 * @param out      output row [out_width][channels] at the last call, else NULL; it is written after the input row was
 *                 read, which it may overlap; it must not overlap scratch
 * @param scratch  int32 sums [out_width][channels], aligned to 4 bytes; the first call does not read it, the later ones
 *                 find what the one before has left there
 */
void sx_average_pooling2d_fold_s8_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                         int8_t *scratch);
void sx_average_pooling2d_fold_s8_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                       int8_t *scratch);

#endif
