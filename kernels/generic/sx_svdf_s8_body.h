/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SVDF_S8_BODY_H
#define SX_SVDF_S8_BODY_H

#include <stddef.h>

#include "sx_dot_s8.h"
#include "sx_svdf_s8.h"

/**
 * Move what a filter keeps by one and append its latest value; gives the sum of all by time, modulo 2^32. Kernels give it as a
 * constant argument.
 */
typedef uint32_t sx_svdf_filter(const sx_svdf_s8 *p, const int8_t *state, int8_t *next, int32_t batch, int32_t filter,
                                int32_t latest);

/** See sx_svdf_s8.h. */
static inline void sx_svdf_s8_body(const sx_svdf_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *next,
                                   sx_svdf_filter *filter)
{
    for (int32_t n = 0; n < p->batch; ++n) {
        const int8_t *const x = rows[0] + n * p->inputs;
        for (int32_t unit = 0; unit < p->filters / p->rank; ++unit) {
            uint32_t sum = (p->bias != NULL) ? (uint32_t)p->bias[unit] : 0u;
            for (int32_t r = 0; r < p->rank; ++r) {
                const int32_t f = unit * p->rank + r;
                const int32_t product = sx_dot_s8(x, p->weights + f * p->inputs, p->inputs, p->input_zero_point, 0);
                const int32_t latest = sx_scale_tflite(product, p->feature_multiplier, p->feature_shift);
                sum += filter(p, rows[1], next, n, f, latest);
            }
            const int32_t value = sx_scale_tflite((int32_t)sum, p->time_multiplier, p->time_shift);
            *out++ = sx_offset_clamp_s8(value, p->zero_point, -128, 127);
        }
    }
}

#endif
