/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_svdf_s8_body.h"

static inline uint32_t sx_svdf_filter_s8(const sx_svdf_s8 *p, const int8_t *state, int8_t *next, int32_t batch,
                                         int32_t filter, int32_t latest)
{
    const int32_t first = (batch * p->filters + filter) * p->memory;
    const int8_t *const time = p->time_s8 + filter * p->memory;
    const int32_t clamped = (latest > 127) ? 127 : (latest < -128) ? -128 : latest;
    uint32_t sum = 0u;
    for (int32_t i = 0; i < p->memory; ++i) {
        const int8_t value = (i + 1 < p->memory) ? state[first + i + 1] : (int8_t)(clamped + p->state_zero_point);
        next[first + i] = value;
        sum += (uint32_t)(time[i] * (value - p->state_zero_point));
    }
    return sum;
}

void sx_svdf_s8_tflite(const sx_svdf_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *next)
{
    sx_svdf_s8_body(p, rows, out, next, sx_svdf_filter_s8);
}
