/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ALONG_H
#define SX_ALONG_H

#include <stdint.h>

#include "sx_integers.h"

/** Parameters of kernels that go along one dimension of an array [outer][dim][inner]. */
typedef struct {
    int32_t outer, dim, inner;
    int32_t dtype; /* of the input, an sx_dtype */
    int32_t k;     /* of sx_top_k(): how many elements, 1..dim */
    int32_t is_least, is_last;        /* 0 or 1; of sx_arg() and sx_top_k() */
    int32_t index_dtype;              /* of their indices: SX_S32 or SX_S64 */
    int32_t is_exclusive, is_reverse; /* 0 or 1; of sx_cumulative_sum_*() */
} sx_along_params;

/**
 * out[i][j] = the k of the largest x[i][k][j]; of the least if is_least; of equal ones the first, or the last if is_last.
 *
 * @param rows  rows[0] is x
 * @param out   indices [outer][inner]; must not overlap x
 */
void sx_arg(const sx_along_params *p, const int8_t *const rows[], int8_t *out);

/**
 * The k largest elements of x[i][..][j] in descending order, or the k least ones in ascending order if is_least; of equal ones the
 * one with the lower index comes first. Found one after the other, in k * dim steps, without memory.
 *
 * @param rows  rows[0] is x
 * @param out   values [outer][k][inner]; must not overlap x
 * @param ...   the indices [outer][k][inner], a pointer to int8_t, under the same conditions
 */
void sx_top_k(const sx_along_params *p, const int8_t *const rows[], int8_t *out, ...);

/**
 * out[i][k][j] = x[i][0][j] + ... + x[i][k][j]; without x[i][k][j] if is_exclusive; from the end if is_reverse.
 *
 * @param rows  rows[0] is x, float32
 * @param out   of x's dims; must not overlap it
 */
void sx_cumulative_sum_f32(const sx_along_params *p, const int8_t *const rows[], int8_t *out);

/** The same of integers, modulo the size of the dtype. */
void sx_cumulative_sum_integer(const sx_along_params *p, const int8_t *const rows[], int8_t *out);

#endif
