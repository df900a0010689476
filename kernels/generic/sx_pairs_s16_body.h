/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PAIRS_S16_BODY_H
#define SX_PAIRS_S16_BODY_H

#include "sx_elements.h"
#include "sx_pairs_s16.h"
#include "sx_requantize.h"

/** The result of two elements before its zero point is added; kernels give one as a constant argument. */
typedef int32_t sx_pair_s16(const sx_add_s8 *q, int32_t a, int32_t b);

/** See sx_pairs_s16.h. */
static inline void sx_pairs_s16_body(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out, sx_pair_s16 *pair)
{
    const sx_add_s8 q = p->scales;
    const int32_t low = q.minimum - q.out_zero_point;
    const int32_t high = q.maximum - q.out_zero_point;
    const int32_t count = p->over.dims[SX_BROADCAST_RANK - 1];
    const int32_t a_step = p->over.a_steps[SX_BROADCAST_RANK - 1];
    const int32_t b_step = p->over.b_steps[SX_BROADCAST_RANK - 1];
    sx_s16 *y = (sx_s16 *)(void *)out;
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        const int8_t *a = run.a;
        const int8_t *b = run.b;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t left = *(const sx_s16 *)(const void *)a - q.a_zero_point;
            const int32_t right = *(const sx_s16 *)(const void *)b - q.b_zero_point;
            const int32_t value = pair(&q, left, right);
            *y++ = (int16_t)(((value < low) ? low : (value > high) ? high : value) + q.out_zero_point);
            a += a_step;
            b += b_step;
        }
    } while (sx_broadcast_next(&p->over, &run));
}

/** An operand with `fraction` more bits, by its factor. */
static inline int32_t sx_pair_s16_scaled(int32_t x, int32_t fraction, int32_t multiplier, int32_t shift)
{
    return sx_scale_tflite(x * (1 << fraction), multiplier, shift);
}

#endif
