/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_svdf_s8_body.h"

static inline uint32_t sx_svdf_filter_s16(const sx_svdf_s8 *p, const int8_t *state, int8_t *next, int32_t batch,
                                          int32_t filter, int32_t latest)
{
    const int32_t first = (batch * p->filters + filter) * p->memory;
    const int16_t *const time = p->time_s16 + filter * p->memory;
    const sx_s16 *const kept = (const sx_s16 *)(const void *)state + first;
    sx_s16 *const following = (sx_s16 *)(void *)next + first;
    const int32_t clamped = (latest > 32767) ? 32767 : (latest < -32768) ? -32768 : latest;
    uint32_t sum = 0u;
    for (int32_t i = 0; i < p->memory; ++i) {
        const int16_t value = (i + 1 < p->memory) ? kept[i + 1] : (int16_t)(clamped + p->state_zero_point);
        following[i] = value;
        sum += (uint32_t)time[i] * (uint32_t)(value - p->state_zero_point);
    }
    return sum;
}

void sx_svdf_s8_s16_tflite(const sx_svdf_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *next)
{
    sx_svdf_s8_body(p, rows, out, next, sx_svdf_filter_s16);
}
