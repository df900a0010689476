/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DOT_S8_DSP_H
#define SX_DOT_S8_DSP_H

#include <stdint.h>

#include "sx_dot_s8.h"

/**
 * The sum of sx_dot_s8 over a number of fours, at least one: `end` is x behind the last of them.
 *
 * Ten instructions for four products: load both words, extend bytes to halves and subtract the zero points, multiply and
 * add pairs. One block, because compilers spill the offsets when they may. Differences lie in -255..255, so that pairs of
 * products are exact. x and w may lie at any address: CCR.UNALIGN_TRP is clear, as after a reset.
 */
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
static inline int32_t sx_dot_s8_fours(const int8_t *x, const int8_t *w, const int8_t *end, int32_t x_zero, int32_t w_zero)
{
    const uint32_t x_offset = ((uint32_t)-x_zero & 0xFFFFu) * 0x10001u;
    const uint32_t w_offset = ((uint32_t)-w_zero & 0xFFFFu) * 0x10001u;
    uint32_t x_word, w_word, x_pair, w_pair;
    int32_t sum = 0;
    __asm__ volatile("1:\n\t"
                     "ldr %[xb], [%[x]], #4\n\t"
                     "ldr %[wb], [%[w]], #4\n\t"
                     "sxtab16 %[xp], %[xo], %[xb]\n\t"
                     "sxtab16 %[wp], %[wo], %[wb]\n\t"
                     "smlad %[sum], %[xp], %[wp], %[sum]\n\t"
                     "sxtab16 %[xb], %[xo], %[xb], ror #8\n\t"
                     "sxtab16 %[wb], %[wo], %[wb], ror #8\n\t"
                     "smlad %[sum], %[xb], %[wb], %[sum]\n\t"
                     "cmp %[x], %[end]\n\t"
                     "bne 1b"
                     : [x] "+r"(x), [w] "+r"(w), [sum] "+r"(sum), [xb] "=&r"(x_word), [wb] "=&r"(w_word),
                       [xp] "=&r"(x_pair), [wp] "=&r"(w_pair)
                     : [end] "r"(end), [xo] "r"(x_offset), [wo] "r"(w_offset)
                     : "cc", "memory");
    return sum;
}
#else
static inline int32_t sx_dot_s8_fours(const int8_t *x, const int8_t *w, const int8_t *end, int32_t x_zero, int32_t w_zero)
{
    return sx_dot_s8(x, w, (int32_t)(end - x), x_zero, w_zero);
}
#endif

/** What sx_dot_s8 computes. */
static inline int32_t sx_dot_s8_dsp(const int8_t *x, const int8_t *w, int32_t count, int32_t x_zero, int32_t w_zero)
{
    const int32_t fours = count & ~3;
    const int32_t sum = (fours > 0) ? sx_dot_s8_fours(x, w, x + fours, x_zero, w_zero) : 0;
    return sum + sx_dot_s8(x + fours, w + fours, count - fours, x_zero, w_zero);
}

#endif
