/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_COMPARE_S8_H
#define SX_COMPARE_S8_H

#include "sx_broadcast.h"

/** Parameters of a comparison of two tensors whose dims broadcast: the codes of b that each code of a goes with. */
typedef struct {
    sx_broadcast over;   /* steps in elements, which are bytes */
    const int16_t *low;  /* [256], -128..128, for a = -128 first; NULL: -128 for all */
    const int16_t *high; /* [256], -128..128 */
    int32_t inverted;    /* 1: true outside of the interval */
} sx_compare_s8;

/**
 * out = (low[a + 128] <= b < high[a + 128]) != inverted: 1 or 0. Real numbers grow with their codes, so each of the six relations
 * has such intervals, whatever the scales.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output, a byte each, written in ascending order; operands of its dims may be the output itself or begin behind it
 */
void sx_compare_s8_exact(const sx_compare_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
