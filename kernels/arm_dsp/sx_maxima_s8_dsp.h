/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAXIMA_S8_DSP_H
#define SX_MAXIMA_S8_DSP_H

#include <stdint.h>

#include "sx_packed_s8_dsp.h"

/** The maxima of four channels, or of the 1..3 last ones, with those of `count` pixels that are `step` apart. */
static inline uint32_t sx_maxima_s8_include(uint32_t maxima, const int8_t *pixel, int32_t step, int32_t count,
                                            int32_t channels)
{
    if (channels < 4) {
        for (int32_t i = 0; i < count; ++i) {
            maxima = sx_max_fours(maxima, sx_load_some(pixel, channels));
            pixel += step;
        }
        return maxima;
    }
    if ((count & 1) != 0) {
        maxima = sx_max_fours(maxima, sx_load_fours(pixel));
        pixel += step;
    }
    for (int32_t i = count >> 1; i > 0; --i) {
        maxima = sx_max_fours(maxima, sx_load_fours(pixel));
        maxima = sx_max_fours(maxima, sx_load_fours(pixel + step));
        pixel += 2 * step;
    }
    return maxima;
}

/** Store the maxima of four channels, or of the 1..3 last ones. */
static inline void sx_maxima_s8_store(int8_t *out, uint32_t maxima, int32_t channels)
{
    if (channels < 4) {
        sx_store_some(out, maxima, channels);
    } else {
        sx_store_fours(out, maxima);
    }
}

#endif
