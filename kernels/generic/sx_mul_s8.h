/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MUL_S8_H
#define SX_MUL_S8_H

#include "sx_add_s8.h"

/** Parameters of one elementwise multiplication of two tensors of equal shape: the fields of an addition. */
typedef sx_add_s8 sx_mul_s8;

/**
 * out[i] = a[i] * b[i], requantized.
 *
 * tflite, where "*" of a factor is multiplier and shift with the two roundings of sx_scale_tflite(), and out_factor is
 * a_scale * b_scale / out_scale; the multipliers and shifts of a and b are not used:
 *
 *     out = clamp((a - a_zero_point) * (b - b_zero_point) * out_factor + out_zero_point, minimum, maximum)
 *
 * onnx, every operation rounded to float32; the shifts are not used:
 *
 *     z   = ((a - a_zero_point) * a_scale) * ((b - b_zero_point) * b_scale)
 *     out = clamp(rint(z / out_scale) + out_zero_point, minimum, maximum)
 *
 * The fixed-point form of sx_add_s8.h is not used.
 *
 * @param rows  rows[0] is a, rows[1] is b, each [size]; both may be the same tensor
 * @param out   output [size]; written in ascending order; may be a or b itself or begin before them,
 *              but must not overlap them otherwise
 */
void sx_mul_s8_tflite(const sx_mul_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_mul_s8_onnx(const sx_mul_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
