/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PACKED_S8_DSP_H
#define SX_PACKED_S8_DSP_H

#include <stdint.h>

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#define SX_PACKED_DSP 1
#else
#define SX_PACKED_DSP 0
#endif

/**
 * Four int8 in a word, the first in the lowest byte, as little-endian cores load them; pairs of int16 likewise.
 *
 * Words are read and written at any address: CCR.UNALIGN_TRP is clear, as after a reset.
 */
static inline uint32_t sx_load_fours(const int8_t *x)
{
    uint32_t word;
    __builtin_memcpy(&word, x, sizeof word);
    return word;
}

static inline void sx_store_fours(int8_t *out, uint32_t word)
{
    __builtin_memcpy(out, &word, sizeof word);
}

/** Element i of a word; i in 0..3. */
static inline int8_t sx_element(uint32_t word, int32_t i)
{
    return (int8_t)(word >> (8 * i));
}

/** The first `count` elements, 1..3, of a word whose others are 0; nothing behind them is read or written. */
static inline uint32_t sx_load_some(const int8_t *x, int32_t count)
{
    uint32_t word = 0u;
    for (int32_t i = 0; i < count; ++i) {
        word |= (uint32_t)(uint8_t)x[i] << (8 * i);
    }
    return word;
}

static inline void sx_store_some(int8_t *out, uint32_t word, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        out[i] = sx_element(word, i);
    }
}

/** A word of the lowest bytes of four numbers. */
static inline uint32_t sx_pack_fours(int32_t a, int32_t b, int32_t c, int32_t d)
{
#if SX_PACKED_DSP
    __asm__("bfi %[a], %[b], #8, #8\n\t"
            "bfi %[a], %[c], #16, #8\n\t"
            "bfi %[a], %[d], #24, #8"
            : [a] "+&r"(a)
            : [b] "r"(b), [c] "r"(c), [d] "r"(d));
    return (uint32_t)a;
#else
    return (uint32_t)(uint8_t)a | (uint32_t)(uint8_t)b << 8 | (uint32_t)(uint8_t)c << 16 | (uint32_t)(uint8_t)d << 24;
#endif
}

/** The larger of each pair of elements. */
static inline uint32_t sx_max_fours(uint32_t a, uint32_t b)
{
#if SX_PACKED_DSP
    uint32_t largest;
    __asm__("ssub8 %[m], %[a], %[b]\n\t"
            "sel %[m], %[a], %[b]"
            : [m] "=&r"(largest)
            : [a] "r"(a), [b] "r"(b)
            : "cc");
    return largest;
#else
    int32_t m[4];
    for (int32_t i = 0; i < 4; ++i) {
        m[i] = (sx_element(a, i) >= sx_element(b, i)) ? sx_element(a, i) : sx_element(b, i);
    }
    return sx_pack_fours(m[0], m[1], m[2], m[3]);
#endif
}

/** The smaller of each pair of elements. */
static inline uint32_t sx_min_fours(uint32_t a, uint32_t b)
{
#if SX_PACKED_DSP
    uint32_t smallest;
    __asm__("ssub8 %[m], %[a], %[b]\n\t"
            "sel %[m], %[b], %[a]"
            : [m] "=&r"(smallest)
            : [a] "r"(a), [b] "r"(b)
            : "cc");
    return smallest;
#else
    return ~sx_max_fours(~a, ~b);
#endif
}

/** The int16 of a pair. */
static inline int32_t sx_low(uint32_t pair)
{
    return (int16_t)pair;
}

static inline int32_t sx_high(uint32_t pair)
{
    return (int32_t)pair >> 16;
}

/** Elements 0 and 2 added to two int16. */
static inline uint32_t sx_add_even(uint32_t pair, uint32_t word)
{
#if SX_PACKED_DSP
    __asm__("sxtab16 %[p], %[p], %[w]" : [p] "+r"(pair) : [w] "r"(word));
    return pair;
#else
    const int32_t low = sx_low(pair) + sx_element(word, 0);
    const int32_t high = sx_high(pair) + sx_element(word, 2);
    return ((uint32_t)low & 0xFFFFu) | (uint32_t)high << 16;
#endif
}

/** Elements 1 and 3 added to two int16. */
static inline uint32_t sx_add_odd(uint32_t pair, uint32_t word)
{
#if SX_PACKED_DSP
    __asm__("sxtab16 %[p], %[p], %[w], ror #8" : [p] "+r"(pair) : [w] "r"(word));
    return pair;
#else
    return sx_add_even(pair, word >> 8);
#endif
}

/** Twice the same int16. */
static inline uint32_t sx_two_times(int32_t half)
{
    return ((uint32_t)half & 0xFFFFu) * 0x10001u;
}

/** Four times the same element. */
static inline uint32_t sx_four_times(int32_t element)
{
    return (uint32_t)(uint8_t)element * 0x01010101u;
}

#endif
