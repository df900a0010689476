/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_FOLD_S8_DSP_BODY_H
#define SX_AVERAGE_POOLING2D_FOLD_S8_DSP_BODY_H

#include <stdint.h>

#include "sx_average_pooling2d_fold_s8_body.h"
#include "sx_sums_s8_dsp.h"

/** Add pixels to the sums of their channels, four channels at a time where two int16 have room for the sums of the row. */
static inline void sx_average_fold_s8_dsp_add(const int8_t *pixel, int32_t channels, int32_t count, int32_t *sums)
{
    const int32_t packed = (count <= SX_SUMS_S8_MOST) ? channels & ~3 : 0;
    for (int32_t channel = 0; channel < packed; channel += 4) {
        const sx_sums_s8 zero = {0u, 0u};
        const sx_sums_s8 more = sx_sums_s8_add(zero, pixel + channel, channels, count);
        sums[channel] += sx_low(more.even);
        sums[channel + 1] += sx_low(more.odd);
        sums[channel + 2] += sx_high(more.even);
        sums[channel + 3] += sx_high(more.odd);
    }
    sx_average_fold_s8_channels(pixel, channels, count, sums, packed);
}

#endif
