/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SIGMOID_S16_H
#define SX_SIGMOID_S16_H

#include <stdint.h>

/**
 * How int16 numbers become inputs of a sigmoid or tanh: (x * multiplier + half) >> shift, 2^17 being 10.7. Bit-exact to TensorFlow
 * Lite Micro.
 */
typedef struct {
    const int16_t *table; /* [256], 65536 * sigmoid(i / 24) - 32768, corrected for linear interpolation */
    int32_t multiplier;   /* 0..32767 */
    int32_t shift;        /* 0..31 */
} sx_sigmoid_s16;

/** Entry `index` and what follows, interpolated: Q16 and `bits` bits of the fraction. */
static inline int32_t sx_sigmoid_s16_between(const sx_sigmoid_s16 *p, int32_t index, int32_t bits, int32_t fraction)
{
    const int32_t low = p->table[index] + 32768;
    const int32_t high = p->table[index + 1] + 32768;
    return low * (1 << bits) + fraction * (high - low);
}

static inline int32_t sx_sigmoid_s16_input(const sx_sigmoid_s16 *p, int32_t x)
{
    const int32_t half = (p->shift > 0) ? 1 << (p->shift - 1) : 0;
    return (x * p->multiplier + half) >> p->shift;
}

/** 1 / (1 + exp(-x)) in Q15. */
static inline int32_t sx_sigmoid_s16_of(const sx_sigmoid_s16 *p, int32_t x)
{
    const int32_t scaled = sx_sigmoid_s16_input(p, x);
    const int32_t magnitude = (scaled < 0) ? -scaled : scaled;
    const int32_t index = magnitude >> 9;
    const int32_t value =
        (index >= 255) ? 0x7FFF * 1024 : sx_sigmoid_s16_between(p, index, 9, magnitude & 511);
    return ((scaled >= 0) ? value + 512 : (1 << 25) - value + 511) >> 10;
}

/** tanh(x) in Q15. */
static inline int32_t sx_tanh_s16_of(const sx_sigmoid_s16 *p, int32_t x)
{
    const int32_t scaled = sx_sigmoid_s16_input(p, x);
    const int32_t magnitude = (scaled < 0) ? -scaled : scaled;
    const int32_t index = magnitude >> 8;
    const int32_t value = (index >= 255) ? 0xFFFF * 256 : sx_sigmoid_s16_between(p, index, 8, magnitude & 255);
    return ((scaled >= 0) ? value - (1 << 23) + 128 : (1 << 23) - value + 127) >> 8;
}

#endif
