/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_OUTPUTS_S8_DSP_H
#define SX_OUTPUTS_S8_DSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * Outputs [channel, end) of one column of bytes, at any address; in kernels/arm_dsp/static, because several kernels need them.
 *
 * @param w, bias  of `channel` and those behind, in groups of four; the weights of a channel are whole fours
 */
void sx_put_column_tflite(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w, const int32_t *bias,
                          int32_t channel, int32_t end, int8_t *out);
void sx_put_column_onnx(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w, const int32_t *bias,
                        int32_t channel, int32_t end, int8_t *out);

/** The one of a rule. */
static inline void sx_put_column(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w,
                                 const int32_t *bias, int32_t channel, int32_t end, int8_t *out, sx_rule rule)
{
    if (rule == SX_RULE_TFLITE) {
        sx_put_column_tflite(q, x, bytes, w, bias, channel, end, out);
    } else {
        sx_put_column_onnx(q, x, bytes, w, bias, channel, end, out);
    }
}

#endif
