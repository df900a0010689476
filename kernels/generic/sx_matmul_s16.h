/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATMUL_S16_H
#define SX_MATMUL_S16_H

#include "sx_broadcast.h"
#include "sx_requantize_s16.h"

/** Parameters of products of int16 matrices a [rows][depth] and b [depth][columns], none of them known before. */
typedef struct {
    sx_requantize_s16 requantize; /* wide, with one multiplier and no bias */
    sx_broadcast batches;         /* which matrices meet; steps in bytes */
    int32_t rows, columns, depth;
    int32_t a_row, a_step;    /* elements from one row of a to the next, and along it */
    int32_t b_column, b_step; /* elements from one column of b to the next, and along it */
} sx_matmul_s16;

/**
 * out[i][j] = sum over k of a[i][k] * b[k][j], requantized, for every pair of matrices; zero points are 0.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output [batches][rows][columns]; must not overlap a or b
 */
void sx_matmul_s16_tflite(const sx_matmul_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
