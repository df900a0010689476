/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_EXTREME_S8_BODY_H
#define SX_EXTREME_S8_BODY_H

#include <stddef.h>

#include "sx_extreme_s8.h"

/** See sx_extreme_s8.h; `sign` is 1 for the maximum, -1 for the minimum. */
static inline void sx_extreme_s8_body(const sx_extreme_s8 *p, const int8_t *const rows[], int8_t *out, int32_t sign)
{
    const sx_extreme_s8 q = *p;
    const int32_t count = q.over.dims[SX_BROADCAST_RANK - 1];
    const int32_t a_step = q.over.a_steps[SX_BROADCAST_RANK - 1];
    const int32_t b_step = q.over.b_steps[SX_BROADCAST_RANK - 1];
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        const int8_t *a = run.a;
        const int8_t *b = run.b;
        for (int32_t i = 0; i < count; ++i) {
            const int8_t x = (q.a_table != NULL) ? q.a_table[*a + 128] : *a;
            const int8_t y = (q.b_table != NULL) ? q.b_table[*b + 128] : *b;
            *out++ = (sign * x > sign * y) ? x : y;
            a += a_step;
            b += b_step;
        }
    } while (sx_broadcast_next(&q.over, &run));
}

#endif
