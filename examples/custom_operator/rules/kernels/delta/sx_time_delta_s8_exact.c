/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_time_delta_s8.h"

#include "sx_requantize.h"

void sx_time_delta_s8_exact(const sx_time_delta_s8 *p, const int8_t *const rows[], int8_t *out)
{
    /* A copy: out is a pointer to characters, so that each store might change *p. */
    const sx_time_delta_s8 q = *p;
    const int32_t half = (1 << q.shift) >> 1;
    const int32_t size = q.frames * q.channels;
    const int8_t *before = rows[0];
    const int8_t *x = before + q.channels;
    for (int32_t c = 0; c < q.channels; ++c) {
        *out++ = (int8_t)q.zero_point;
    }
    for (int32_t i = q.channels; i < size; ++i) {
        const int32_t rounded = (*x++ - *before++ + half) >> q.shift;
        *out++ = sx_offset_clamp_s8(rounded, q.zero_point, -128, 127);
    }
}
