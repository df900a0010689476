/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATMUL_F32_H
#define SX_MATMUL_F32_H

#include <stdint.h>

#include "sx_broadcast.h"
#include "sx_clamp_f32.h"

/** Parameters of products of matrices that are both there at run time. Steps of matrices are in elements. */
typedef struct {
    const float *bias;                 /* [columns], or NULL */
    sx_limits_f32 limits;
    sx_broadcast batches;              /* of matrices; the innermost dimension is 1 */
    int32_t rows, inner, columns;      /* >= 1 */
    int32_t a_row_step, a_inner_step;  /* from one row, or one element of the inner dimension, to the next */
    int32_t b_inner_step, b_column_step;
} sx_matmul_f32_params;

/**
 * Products of matrices of float32, for each pair of the batches.
 *
 *     out[m][n] = clamp(bias[n] + sum over k of a[m][k] * b[k][n])
 *
 * The order of the additions is not specified; products are fused to sums where the core can.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   [batches][rows][columns]; must not overlap a or b
 */
void sx_matmul_f32(const sx_matmul_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
