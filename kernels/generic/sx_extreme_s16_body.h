/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_EXTREME_S16_BODY_H
#define SX_EXTREME_S16_BODY_H

#include "sx_elements.h"
#include "sx_extreme_s16.h"

/** See sx_extreme_s16.h; `sign` is 1 for the maximum, -1 for the minimum. */
static inline void sx_extreme_s16_body(const sx_extreme_s16 *p, const int8_t *const rows[], int8_t *out, int32_t sign)
{
    const sx_broadcast over = p->over;
    const int32_t count = over.dims[SX_BROADCAST_RANK - 1];
    const int32_t a_step = over.a_steps[SX_BROADCAST_RANK - 1];
    const int32_t b_step = over.b_steps[SX_BROADCAST_RANK - 1];
    sx_s16 *y = (sx_s16 *)(void *)out;
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        const int8_t *a = run.a;
        const int8_t *b = run.b;
        for (int32_t i = 0; i < count; ++i) {
            const int16_t left = *(const sx_s16 *)(const void *)a;
            const int16_t right = *(const sx_s16 *)(const void *)b;
            *y++ = (sign * left > sign * right) ? left : right;
            a += a_step;
            b += b_step;
        }
    } while (sx_broadcast_next(&over, &run));
}

#endif
