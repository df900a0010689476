/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PUT_COLUMN_S8_DSP_BODY_H
#define SX_PUT_COLUMN_S8_DSP_BODY_H

#include <stdint.h>

#include "sx_matvec_s8_dsp.h"
#include "sx_outputs_s8_dsp.h"

/** See sx_outputs_s8_dsp.h. */
static inline void sx_put_column_body(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w,
                                      const int32_t *bias, int32_t channel, int32_t end, int8_t *out, sx_rule rule)
{
    sx_matvec_block block = {
        .skip = sx_matvec_skip(bytes >> 2), .end = x + (bytes & ~3), .x = x, .bias = bias,
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
        for (int32_t i = 0; i < count; ++i) {
            *out++ = (int8_t)sx_requantize_any(sum[i], q, channel + i, rule);
        }
        block.w += 4 * ((bytes + 3) / 4);
        block.bias += 4;
    }
}

#endif
