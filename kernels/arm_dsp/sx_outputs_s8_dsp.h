/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_OUTPUTS_S8_DSP_H
#define SX_OUTPUTS_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

#include "sx_matvec_s8_dsp.h"
#include "sx_requantize_s8_dsp.h"

/**
 * Outputs [channel, end) of one column of bytes, at any address, four channels at a time; also those that the short form is
 * not for.
 *
 * @param w, bias  of `channel` and those behind, in groups of four; the weights of a channel are a multiple of four
 */
static inline void sx_put_column(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w,
                                 const int32_t *bias, int32_t channel, int32_t end, int8_t *out,
                                 sx_rule rule)
{
    const int32_t fours = bytes / 4;
    const int32_t rest = bytes & 3;
    for (; channel < end; channel += 4) {
        int32_t sum[4] = {bias[0], bias[1], bias[2], bias[3]};
        sx_matvec_4(sum, x, w, fours);
        w += 4 * fours;
        if (rest > 0) {
            int8_t last[4] = {0, 0, 0, 0};
            for (int32_t i = 0; i < rest; ++i) {
                last[i] = x[4 * fours + i];
            }
            sx_matvec_4(sum, last, w, 1);
            w += 4;
        }
        for (int32_t i = 0; i < 4 && channel + i < end; ++i) {
            const bool is_short = q->short_shifts != 0 && q->narrow == 0;
            out[i] = (int8_t)(is_short ? sx_requantize_short(sum[i], sx_requantize_load(q, channel + i, rule), rule)
                                       : sx_requantize_any(sum[i], q, channel + i, rule));
        }
        bias += 4;
        out += 4;
    }
}

#endif
