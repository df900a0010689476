/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_compare_s8.h"

#include <stddef.h>

void sx_compare_s8_exact(const sx_compare_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_compare_s8 q = *p;
    const int32_t count = q.over.dims[SX_BROADCAST_RANK - 1];
    const int32_t a_step = q.over.a_steps[SX_BROADCAST_RANK - 1];
    const int32_t b_step = q.over.b_steps[SX_BROADCAST_RANK - 1];
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        const int8_t *a = run.a;
        const int8_t *b = run.b;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t low = (q.low != NULL) ? q.low[*a + 128] : -128;
            const int32_t inside = (*b >= low && *b < q.high[*a + 128]) ? 1 : 0;
            *out++ = (int8_t)(inside ^ q.inverted);
            a += a_step;
            b += b_step;
        }
    } while (sx_broadcast_next(&q.over, &run));
}
