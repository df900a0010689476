/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_OUTPUTS_S8_DSP_H
#define SX_OUTPUTS_S8_DSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_matvec_s8_dsp.h"
#include "sx_requantize_s8_dsp.h"

/** Whether the short form alone gives all outputs. */
static inline bool sx_is_short(const sx_requantize_s8_dsp *q)
{
    return q->short_shifts != 0 && q->narrow == 0;
}

/** The zero point as the loops in assembly want it. */
static inline int32_t sx_zero_of(const sx_requantize_s8_dsp *q, sx_rule rule)
{
    return (rule == SX_RULE_TFLITE) ? 2 * q->zero_point + 1 : q->zero_point;
}

/** The shifts from a channel on, or NULL. */
static inline const int8_t *sx_shift_of(const sx_requantize_s8_dsp *q, int32_t channel, sx_rule rule)
{
    return (rule == SX_RULE_TFLITE) ? q->shift + channel * q->step : NULL;
}

/**
 * Outputs [channel, end) of one column of bytes, at any address.
 *
 * @param w, bias  of `channel` and those behind, in groups of four; the weights of a channel are whole fours
 */
static inline void sx_put_column(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w,
                                 const int32_t *bias, int32_t channel, int32_t end, int8_t *out, sx_rule rule)
{
    sx_matvec_block block = {
        .sixteens = x + (bytes & ~15), .end = x + (bytes & ~3), .x = x, .bias = bias,
        .multiplier = q->multiplier + channel * q->step, .shift = sx_shift_of(q, channel, rule),
        .step_bytes = 4 * q->step, .step = q->step, .zero = sx_zero_of(q, rule),
        .out = out, .channels = end - channel, .w = w, .rest = 0, .has_rest = bytes & 3,
    };
    for (int32_t i = bytes - 1; i >= (bytes & ~3); --i) {
        block.rest = block.rest << 8 | (uint32_t)(uint8_t)x[i];
    }
    if (sx_is_short(q)) {
        sx_matvec(&block, rule);
        return;
    }
    for (; channel < end; channel += 4) {
        int32_t sum[4];
        block.out = sum;
        block.channels = 0;
        sx_matvec(&block, rule);
        const int32_t count = (end - channel < 4) ? end - channel : 4;
/* Not often used, and large. */
#pragma GCC unroll 1
        for (int32_t i = 0; i < count; ++i) {
            *out++ = (int8_t)sx_requantize_any(sum[i], q, channel + i, rule);
        }
        block.w += 4 * ((bytes + 3) / 4);
        block.bias += 4;
    }
}

#endif
