/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CUMSUM_S8_BODY_H
#define SX_CUMSUM_S8_BODY_H

#include "sx_cumsum_s8.h"

/** A sum times the factor; kernels give one as a constant argument. */
typedef int32_t sx_cumsum_scale(const sx_cumsum_s8 *q, int32_t sum);

/** See sx_cumsum_s8.h. */
static inline void sx_cumsum_s8_body(const sx_cumsum_s8 *p, const int8_t *const rows[], int8_t *out,
                                     sx_cumsum_scale *scale)
{
    const sx_cumsum_s8 q = *p;
    const int32_t step = (q.reverse != 0) ? -q.inner : q.inner;
    for (int32_t i = 0; i < q.outer * q.inner; ++i) {
        const int32_t begin = (i / q.inner) * q.depth * q.inner + i % q.inner;
        int32_t at = begin + ((q.reverse != 0) ? (q.depth - 1) * q.inner : 0);
        int32_t sum = q.first;
        for (int32_t k = 0; k < q.depth; ++k) {
            const int32_t next = sum + rows[0][at] - q.input_zero_point;
            const int32_t value = scale(&q, (q.exclusive != 0) ? sum : next);
            out[at] = sx_offset_clamp_s8(value, q.zero_point, -128, 127);
            sum = next;
            at += step;
        }
    }
}

#endif
