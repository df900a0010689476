/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REDUCE_S16_H
#define SX_REDUCE_S16_H

#include "sx_reduction.h"
#include "sx_requantize.h"

/** Parameters of the sum or mean of int16 elements along any dimensions. */
typedef struct {
    sx_reduction over;
    int32_t multiplier; /* Q31 mantissa; that of a mean includes the division */
    int32_t shift;
    int32_t offset;     /* -input_zero_point times the number of elements that are summed */
    int32_t zero_point; /* of the output */
} sx_reduce_sum_s16;

/**
 * out = clamp((sum of x + offset) * factor + zero_point), by sx_scale_tflite(). Sums are int32.
 *
 * @param rows  rows[0] is the input, int16
 * @param out   output, int16; must not overlap the input
 */
void sx_reduce_sum_s16_tflite(const sx_reduce_sum_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
