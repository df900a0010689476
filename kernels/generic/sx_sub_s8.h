/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SUB_S8_H
#define SX_SUB_S8_H

#include "sx_add_s8.h"

/** Parameters of one elementwise subtraction of two tensors of equal shape: those of an addition. */
typedef sx_add_s8 sx_sub_s8;

/**
 * out[i] = a[i] - b[i], requantized: the formulas of sx_add_s8.h with the second summand subtracted after it was scaled
 * and rounded; in the fixed-point form the weights have the signs.
 *
 * @param rows  rows[0] is a, rows[1] is b, each [size]; both may be the same tensor
 * @param out   output [size]; written in ascending order; may be a or b itself or begin before them,
 *              but must not overlap them otherwise
 */
void sx_sub_s8_tflite(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_sub_s8_onnx(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
