/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CHANNELS_S8_MVE_H
#define SX_CHANNELS_S8_MVE_H

#include <stdint.h>

#include "sx_dot_s8_mve.h"
#include "sx_port.h"
#include "sx_requantize_mve.h"

/** How many sums of a pixel are kept before they become outputs; a multiple of four. */
#define SX_SUMS_MVE 64

/** Few models need this: their weights have a zero point. */
SX_NOINLINE static void sx_add_to_each_mve(int32_t *sums, int32_t addend, int32_t count)
{
    SX_SMALL_LOOP
    for (int32_t i = 0; i < count; ++i) {
        sums[i] = (int32_t)((uint32_t)sums[i] + (uint32_t)addend);
    }
}

/**
 * The output channels of one window of `count` inputs; `weights_zero_point` times the sum of the window is taken from each.
 * weights and bias: as sx_dots_s8_mve wants them, the zero points folded in; `first`: the index of the first multiplier.
 */
static inline void sx_window_channels_s8_mve(const int8_t *weights, const int32_t *bias, const int8_t *x, int32_t count,
                                             int32_t weights_zero_point, int32_t channels, int8_t *out,
                                             const sx_requantize_s8_mve *requantize, int32_t first,
                                             sx_outputs_rule_mve *rule)
{
    int32_t sums[SX_SUMS_MVE];
    for (;;) {
        const int32_t some = (channels < SX_SUMS_MVE) ? channels : SX_SUMS_MVE;
        const int32_t blocks = (some + 3) / 4;
        sx_dots_s8_mve(sums, bias, x, weights, count, blocks);
        if (weights_zero_point != 0) {
            sx_add_to_each_mve(sums, -weights_zero_point * sx_sum_s8_mve(x, count), 4 * blocks);
        }
        rule(out, sums, some, requantize, first);
        if (channels <= SX_SUMS_MVE) {
            break;
        }
        channels -= SX_SUMS_MVE;
        weights += SX_SUMS_MVE * ((count + 15) & ~15);
        bias += SX_SUMS_MVE;
        first += requantize->step * (SX_SUMS_MVE / 4);
        out += SX_SUMS_MVE;
    }
}

#endif
