/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REQUANTIZE_S16_H
#define SX_REQUANTIZE_S16_H

#include <stddef.h>
#include <stdint.h>

#include "sx_elements.h"
#include "sx_requantize.h"

/** How sums of products of int16 and int8 become int16 outputs, which have no zero point. */
typedef struct {
    const int32_t *multiplier; /* Q31 mantissas, 0 or 2^30..2^31-1 */
    const int8_t *shift;       /* exponents, -31..7 */
    const int32_t *bias;       /* narrow: [channels]; or NULL */
    const int64_t *wide_bias;  /* wide: [channels]; or NULL */
    int32_t step;              /* 1: one multiplier per output channel, 0: one for all */
    int32_t wide;              /* 1: sums have 48 bits and are rounded once; 0: 32 bits, as sx_scale_tflite() */
    int32_t minimum, maximum;  /* clamp limits, fused activation included */
} sx_requantize_s16;

/**
 * total * multiplier * 2^(shift - 31) of sums of up to 48 bits: 16 bits of the multiplier, rounded once, ties up; bit-exact to
 * TensorFlow Lite Micro. Shifts are -31..7.
 */
static inline int64_t sx_scale_wide(int64_t total, int32_t multiplier, int32_t shift)
{
    const int32_t reduced = (multiplier < 0x7FFF0000) ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
    return (total * reduced + ((int64_t)1 << (14 - shift))) >> (15 - shift);
}

/** The output of channel `channel`, bias included; bit-exact to TensorFlow Lite Micro. */
static inline int16_t sx_requantize_s16_of(int64_t sum, const sx_requantize_s16 *p, int32_t channel)
{
    const int32_t multiplier = p->multiplier[channel * p->step];
    const int32_t shift = p->shift[channel * p->step];
    int32_t value;
    if (p->wide != 0) {
        const int64_t total = sum + ((p->wide_bias != NULL) ? p->wide_bias[channel] : 0);
        value = (int32_t)sx_scale_wide(total, multiplier, shift);
    } else {
        const int32_t total = (int32_t)sum + ((p->bias != NULL) ? p->bias[channel] : 0);
        value = sx_scale_tflite(total, multiplier, shift);
    }
    return (int16_t)((value < p->minimum) ? p->minimum : (value > p->maximum) ? p->maximum : value);
}

/** The most products whose sum fits an int32_t. */
#define SX_DOT_S16_RUN 511

/** sum of x[i] * w[i * step] over i < count. */
static inline int64_t sx_dot_s16x8(const sx_s16 *x, const int8_t *w, int32_t step, int32_t count)
{
    int64_t total = 0;
    while (count > 0) {
        const int32_t run = (count < SX_DOT_S16_RUN) ? count : SX_DOT_S16_RUN;
        int32_t sum = 0;
        for (int32_t i = 0; i < run; ++i) {
            sum += *x++ * *w;
            w += step;
        }
        total += sum;
        count -= run;
    }
    return total;
}

#endif
