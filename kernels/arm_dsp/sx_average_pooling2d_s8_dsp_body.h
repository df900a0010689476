/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_S8_DSP_BODY_H
#define SX_AVERAGE_POOLING2D_S8_DSP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_average_pooling2d_s8_body.h"
#include "sx_sums_s8_dsp.h"

/** An output pixel, four channels at a time where two int16 have room for a window's sums. */
static inline void sx_average_pooling2d_s8_dsp_pixel(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                     int8_t *out, sx_average_window window, sx_average_rule *rule)
{
    const int32_t channels = p->channels;
    const int32_t kernel_height = p->kernel_height;
    const uint32_t lowest = sx_four_times(p->minimum);
    const uint32_t highest = sx_four_times(p->maximum);
    const int32_t packed = (window.count <= SX_SUMS_S8_MOST) ? channels & ~3 : 0;
    for (int32_t channel = 0; channel < packed; channel += 4) {
        sx_sums_s8 sums = {0u, 0u};
        for (int32_t ky = 0; ky < kernel_height; ++ky) {
            if (rows[ky] != NULL) {
                sums = sx_sums_s8_add(sums, rows[ky] + window.offset + channel, channels, window.width);
            }
        }
        const int32_t a = rule(p, sx_low(sums.even), window.count);
        const int32_t b = rule(p, sx_low(sums.odd), window.count);
        const int32_t c = rule(p, sx_high(sums.even), window.count);
        const int32_t d = rule(p, sx_high(sums.odd), window.count);
        const uint32_t word = sx_max_fours(sx_pack_fours(a, b, c, d), lowest);
        sx_store_fours(out + channel, sx_min_fours(word, highest));
    }
    sx_average_pooling2d_s8_channels(p, rows, out, window, rule, packed);
}

#endif
