/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REDUCE_S8_H
#define SX_REDUCE_S8_H

#include "sx_reduction.h"
#include "sx_requantize.h"

/** Parameters of the sum or mean of elements along any dimensions. */
typedef struct {
    sx_reduction over;
    sx_requantize_s8 requantize;
    int32_t offset; /* -input_zero_point times the number of elements that are summed */
} sx_reduce_sum_s8;

/**
 * out = clamp((sum of x + offset) * factor + zero_point, minimum, maximum), by the rules of sx_requantize.h; the factor of a mean
 * includes the division.
 *
 * @param rows  rows[0] is the input
 * @param out   output; must not overlap the input
 */
void sx_reduce_sum_s8_tflite(const sx_reduce_sum_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_reduce_sum_s8_onnx(const sx_reduce_sum_s8 *p, const int8_t *const rows[], int8_t *out);

/** Parameters of the largest or smallest element along any dimensions. */
typedef struct {
    sx_reduction over;
    const int8_t *table; /* [256], a code requantized to the output, for -128 first; NULL: it has the output's quantization */
} sx_reduce_extreme_s8;

/**
 * out = table[max or min of x + 128].
 *
 * @param rows  rows[0] is the input
 * @param out   output; must not overlap the input
 */
void sx_reduce_max_s8_exact(const sx_reduce_extreme_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_reduce_min_s8_exact(const sx_reduce_extreme_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
