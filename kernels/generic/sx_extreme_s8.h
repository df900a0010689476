/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_EXTREME_S8_H
#define SX_EXTREME_S8_H

#include "sx_broadcast.h"

/** Parameters of the minimum and the maximum of two tensors whose dims broadcast. */
typedef struct {
    sx_broadcast over;     /* steps in elements, which are bytes */
    const int8_t *a_table; /* [256], a requantized to the output, for -128 first; NULL: a has the output's quantization */
    const int8_t *b_table; /* the same for b */
} sx_extreme_s8;

/**
 * out = min or max of a_table[a + 128] and b_table[b + 128]; rounding does not change the order, so it may come first.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output, written in ascending order; operands of its dims may be the output itself or begin behind it
 */
void sx_minimum_s8_exact(const sx_extreme_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_maximum_s8_exact(const sx_extreme_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
