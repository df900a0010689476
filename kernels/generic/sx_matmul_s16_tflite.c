/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_matmul_s16.h"

static inline int64_t sx_matmul_s16_sum(const sx_matmul_s16 *q, const sx_s16 *a, const sx_s16 *b)
{
    int64_t sum = 0;
    for (int32_t k = 0; k < q->depth; ++k) {
        sum += (int32_t)*a * *b;
        a += q->a_step;
        b += q->b_step;
    }
    return sum;
}

void sx_matmul_s16_tflite(const sx_matmul_s16 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_matmul_s16 q = *p;
    const int32_t last = SX_BROADCAST_RANK - 1;
    sx_s16 *y = (sx_s16 *)(void *)out;
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        for (int32_t n = 0; n < q.batches.dims[last]; ++n) {
            const sx_s16 *const a = (const sx_s16 *)(const void *)(run.a + n * q.batches.a_steps[last]);
            const sx_s16 *const b = (const sx_s16 *)(const void *)(run.b + n * q.batches.b_steps[last]);
            for (int32_t i = 0; i < q.rows; ++i) {
                for (int32_t j = 0; j < q.columns; ++j) {
                    const int64_t sum = sx_matmul_s16_sum(&q, a + i * q.a_row, b + j * q.b_column);
                    *y++ = sx_requantize_s16_of(sum, &q.requantize, 0);
                }
            }
        }
    } while (sx_broadcast_next(&q.batches, &run));
}
