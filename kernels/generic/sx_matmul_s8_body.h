/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATMUL_S8_BODY_H
#define SX_MATMUL_S8_BODY_H

#include "sx_matmul_s8.h"

/** Four columns of one row at a time, so that an element of a is loaded and centred once for four products. */
static inline void sx_matmul_s8_sums4(int32_t sums[4], const sx_matmul_s8 *q, const int8_t *a, const int8_t *b)
{
    const int32_t column = q->b_column;
    const int32_t zero = q->b_zero_point;
    for (int32_t k = 0; k < q->depth; ++k) {
        const int32_t x = *a - q->a_zero_point;
        sums[0] += x * (b[0] - zero);
        sums[1] += x * (b[column] - zero);
        sums[2] += x * (b[2 * column] - zero);
        sums[3] += x * (b[3 * column] - zero);
        a += q->a_step;
        b += q->b_step;
    }
}

static inline int32_t sx_matmul_s8_sum(const sx_matmul_s8 *q, const int8_t *a, const int8_t *b)
{
    int32_t sum = 0;
    for (int32_t k = 0; k < q->depth; ++k) {
        sum += (*a - q->a_zero_point) * (*b - q->b_zero_point);
        a += q->a_step;
        b += q->b_step;
    }
    return sum;
}

/** See sx_matmul_s8.h. */
static inline void sx_matmul_s8_body(const sx_matmul_s8 *p, const int8_t *const rows[], int8_t *out,
                                     sx_requantize_rule *rule)
{
    const sx_matmul_s8 q = *p;
    const int32_t last = SX_BROADCAST_RANK - 1;
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        for (int32_t n = 0; n < q.batches.dims[last]; ++n) {
            const int8_t *a = run.a + n * q.batches.a_steps[last];
            const int8_t *const b = run.b + n * q.batches.b_steps[last];
            for (int32_t i = 0; i < q.rows; ++i) {
                int32_t j = 0;
                for (; j < (q.columns & ~3); j += 4) {
                    int32_t sums[4] = {0, 0, 0, 0};
                    sx_matmul_s8_sums4(sums, &q, a, b + j * q.b_column);
                    for (int32_t k = 0; k < 4; ++k) {
                        *out++ = rule(sums[k], &q.requantize, 0);
                    }
                }
                for (; j < q.columns; ++j) {
                    *out++ = rule(sx_matmul_s8_sum(&q, a, b + j * q.b_column), &q.requantize, 0);
                }
                a += q.a_row;
            }
        }
    } while (sx_broadcast_next(&q.batches, &run));
}

#endif
