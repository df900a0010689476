/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PAIRS_S8_H
#define SX_PAIRS_S8_H

#include "sx_add_s8.h"
#include "sx_broadcast.h"

/** Parameters of the arithmetic of two tensors whose dims broadcast. */
typedef struct {
    sx_broadcast over; /* steps in elements, which are bytes */
    sx_add_s8 scales;  /* without `size`, `table` and `first` */
} sx_pairs_s8;

/**
 * a + b, a - b and a * b; the formulas are those of sx_add_s8.h and sx_mul_s8.h. Of sums the fixed-point form is used where
 * `scales.is_fixed`, x being a and y being b.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output, written in ascending order; operands of its dims may be the output itself or begin behind it
 */
void sx_add_broadcast_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_add_broadcast_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_sub_broadcast_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_sub_broadcast_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_mul_broadcast_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_mul_broadcast_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);

/**
 * (a - b)^2. tflite: the operands' factors are relative to 2 * max(a_scale, b_scale), as those of a sum are, and
 *
 *     d   = ((a - a_zero_point) << 7) * a_factor - ((b - b_zero_point) << 7) * b_factor
 *     out = clamp(d * d * out_factor + out_zero_point, minimum, maximum)
 *
 * onnx: as sx_add_s8.h with z = (a_real - b_real)^2. Operands and output as above.
 */
void sx_squared_difference_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_squared_difference_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);

/**
 * a where a >= 0, else a * b. tflite: a_factor is a_scale / out_scale, out_factor is a_scale * b_scale / out_scale, and
 *
 *     x   = a - a_zero_point
 *     out = clamp((x >= 0 ? x * a_factor : x * (b - b_zero_point) * out_factor) + out_zero_point, minimum, maximum)
 *
 * onnx: as sx_add_s8.h with z = (a_real >= 0) ? a_real : a_real * b_real. Operands and output as above.
 */
void sx_prelu_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_prelu_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);

/**
 * a / b. tflite: out_factor is a_scale / (b_scale * out_scale), inverses are Q31 mantissas and shifts by sx_softmax_reciprocal(), and
 *
 *     out = clamp((a - a_zero_point) * inverse(b - b_zero_point) * out_factor + out_zero_point, minimum, maximum)
 *
 * onnx: as sx_add_s8.h with z = a_real / b_real. What is divided by 0 becomes the largest or smallest output by its sign, and
 * 0 / 0 the smallest. Operands and output as above.
 */
void sx_div_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_div_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
