/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CHANNELS_S8_MVE_H
#define SX_CHANNELS_S8_MVE_H

#include <stdint.h>

#include "sx_dot_s8_mve.h"
#include "sx_requantize_mve.h"

/** How many sums of a pixel are kept before they become outputs; a multiple of four. */
#define SX_SUMS_MVE 64

/** Weights, biases and the first multiplier of the next channels. */
typedef struct {
    const int8_t *weights; /* as sx_dots_s8_mve wants them */
    const int32_t *bias;   /* of all channels, filled up to a multiple of four: the zero points folded in */
    int32_t multiplier;    /* index in requantize->multiplier */
} sx_channels_s8_mve;

/**
 * The output channels of one window of `count` inputs; `weights_zero_point` times the sum of the window is taken from each.
 * Returns what belongs to the channels behind them.
 */
static inline sx_channels_s8_mve sx_window_channels_s8_mve(sx_channels_s8_mve next, const int8_t *x, int32_t count,
                                                           int32_t weights_zero_point, int32_t channels, int8_t *out,
                                                           const sx_requantize_s8_mve *requantize,
                                                           sx_outputs_rule_mve *rule)
{
    int32_t sums[SX_SUMS_MVE];
    const int32_t block_bytes = 4 * ((count + 15) & ~15);
    for (int32_t left = channels; left > 0; left -= SX_SUMS_MVE) {
        const int32_t some = (left < SX_SUMS_MVE) ? left : SX_SUMS_MVE;
        const int32_t blocks = (some + 3) / 4;
        sx_dots_s8_mve(sums, next.bias, x, next.weights, count, blocks);
        if (weights_zero_point != 0) {
            const int32_t correction = -weights_zero_point * sx_sum_s8_mve(x, count);
            for (int32_t i = 0; i < 4 * blocks; ++i) {
                sums[i] = (int32_t)((uint32_t)sums[i] + (uint32_t)correction);
            }
        }
        rule(out, sums, some, requantize, next.multiplier);
        next.weights += blocks * block_bytes;
        next.bias += 4 * blocks;
        next.multiplier += requantize->step * blocks;
        out += some;
    }
    return next;
}

#endif
