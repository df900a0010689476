/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SUMS_S8_DSP_H
#define SX_SUMS_S8_DSP_H

#include <stdint.h>

#include "sx_packed_s8_dsp.h"

/** As many int8 as two int16 have room for, whatever their values. */
#define SX_SUMS_S8_MOST 256

/** Sums of four channels, as int16: of channels 0 and 2, and of 1 and 3. */
typedef struct {
    uint32_t even, odd;
} sx_sums_s8;

/** Add four channels of `count` pixels that are `step` apart. */
static inline sx_sums_s8 sx_sums_s8_add(sx_sums_s8 sums, const int8_t *pixel, int32_t step, int32_t count)
{
    for (int32_t i = count; i > 0; --i) {
        const uint32_t word = sx_load_fours(pixel);
        sums.even = sx_add_even(sums.even, word);
        sums.odd = sx_add_odd(sums.odd, word);
        pixel += step;
    }
    return sums;
}

#endif
