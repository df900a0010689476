/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATVEC_S8_DSP_H
#define SX_MATVEC_S8_DSP_H

#include <stdint.h>

#include "sx_halves_dsp.h"

#if SX_HAS_DSP

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter" /* Assembly knows them as r0-r3. */

/* A four of the column and four words of weights: 20 instructions for 16 products. */
#define SX_MATVEC_FOUR                                                                                                \
    "ldr lr, [r1], #4\n"                                                                                              \
    "ldm r2!, {r8-r11}\n"                                                                                             \
    "sxtb16 r12, lr\n"                                                                                                \
    "sxtb16 lr, lr, ror #8\n"                                                                                         \
    "sxtb16 r0, r8\n"                                                                                                 \
    "sxtb16 r8, r8, ror #8\n"                                                                                         \
    "smlad r4, r12, r0, r4\n"                                                                                         \
    "smlad r5, r12, r8, r5\n"                                                                                         \
    "sxtb16 r0, r9\n"                                                                                                 \
    "sxtb16 r9, r9, ror #8\n"                                                                                         \
    "smlad r6, r12, r0, r6\n"                                                                                         \
    "smlad r7, r12, r9, r7\n"                                                                                         \
    "sxtb16 r0, r10\n"                                                                                                \
    "sxtb16 r10, r10, ror #8\n"                                                                                       \
    "smlad r4, lr, r0, r4\n"                                                                                          \
    "smlad r5, lr, r10, r5\n"                                                                                         \
    "sxtb16 r0, r11\n"                                                                                                \
    "sxtb16 r11, r11, ror #8\n"                                                                                       \
    "smlad r6, lr, r0, r6\n"                                                                                          \
    "smlad r7, lr, r11, r7\n"

/**
 * sum[channel] += products of one column of bytes, at any address, with a group of four channels as sx_matmul_s8_dsp.h has
 * them; modulo 2^32. In assembly for the reason that is given there.
 */
SX_ASSEMBLY static void sx_matvec_4(int32_t sum[4], const int8_t *x, const int32_t *w, int32_t fours)
{
    __asm__ volatile("push {r0, r4-r11, lr}\n"
                     "ldm r0, {r4-r7}\n"
                     "bic r0, r3, #3\n"
                     "add r3, r1, r3, lsl #2\n"
                     "add r0, r1, r0, lsl #2\n"
                     "push {r0, r3}\n"
                     "mov r3, r0\n"
                     "b 2f\n"
                     "1:\n" SX_MATVEC_FOUR SX_MATVEC_FOUR SX_MATVEC_FOUR SX_MATVEC_FOUR
                     "2:\n"
                     "cmp r1, r3\n"
                     "bne 1b\n"
                     "ldr r3, [sp, #4]\n"
                     "b 4f\n"
                     "3:\n" SX_MATVEC_FOUR
                     "4:\n"
                     "cmp r1, r3\n"
                     "bne 3b\n"
                     "ldr r0, [sp, #8]\n"
                     "stm r0, {r4-r7}\n"
                     "add sp, sp, #12\n"
                     "pop {r4-r11, pc}");
}

#pragma GCC diagnostic pop

#else

static inline void sx_matvec_4(int32_t sum[4], const int8_t *x, const int32_t *w, int32_t fours)
{
    for (int32_t four = 0; four < fours; ++four) {
        const uint32_t bytes = sx_load_four(x + 4 * four);
        for (int32_t i = 0; i < 8; ++i) {
            const uint32_t word = (uint32_t)w[4 * four + i / 2];
            const uint32_t halves = (i % 2 == 0) ? sx_even_bytes(word) : sx_odd_bytes(word);
            sum[i % 4] = sx_multiply_halves((i < 4) ? sx_even_bytes(bytes) : sx_odd_bytes(bytes), halves, sum[i % 4]);
        }
    }
}

#endif

#endif
