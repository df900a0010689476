/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ARG_EXTREME_S8_H
#define SX_ARG_EXTREME_S8_H

#include <stdint.h>

/** Parameters of the index of the largest or smallest element along one dimension of a tensor [outer, depth, inner]. */
typedef struct {
    int32_t outer, depth, inner;
    int32_t sign;      /* 1: the largest, -1: the smallest */
    int32_t last;      /* 1: of equal elements the last one, 0: the first */
    int32_t out_bytes; /* of an index: 4 or 8 */
} sx_arg_extreme_s8;

/**
 * out = the k of the largest sign * x[outer, k, inner].
 *
 * @param rows  rows[0] is the input
 * @param out   output [outer, inner], int32_t or int64_t; must not overlap the input
 */
void sx_arg_extreme_s8_exact(const sx_arg_extreme_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
