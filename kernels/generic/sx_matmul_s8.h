/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATMUL_S8_H
#define SX_MATMUL_S8_H

#include "sx_broadcast.h"
#include "sx_requantize.h"

/** Parameters of products of matrices a [rows][depth] and b [depth][columns], none of them known before. */
typedef struct {
    sx_requantize_s8 requantize; /* one multiplier */
    sx_broadcast batches;        /* which matrices meet; steps in bytes */
    int32_t rows, columns, depth;
    int32_t a_row, a_step;       /* bytes from one row of a to the next, and along it */
    int32_t b_column, b_step;    /* bytes from one column of b to the next, and along it */
    int32_t a_zero_point, b_zero_point;
} sx_matmul_s8;

/**
 * out[i][j] = clamp(requantized(sum over k of (a[i][k] - a_zero_point) * (b[k][j] - b_zero_point)) + zero_point, minimum, maximum),
 * for every pair of matrices. The sum must fit in an int32_t.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output [batches][rows][columns]; must not overlap a or b
 */
void sx_matmul_s8_tflite(const sx_matmul_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_matmul_s8_onnx(const sx_matmul_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
