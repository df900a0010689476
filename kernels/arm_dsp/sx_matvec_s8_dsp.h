/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATVEC_S8_DSP_H
#define SX_MATVEC_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/** Outputs of one column of bytes: the weights as sx_matmul_s8_dsp.h says, groups of four channels at a time. */
typedef struct {
    int32_t skip;                 /* see sx_matvec_skip */
    const int8_t *end;            /* of the column: behind the last whole four */
    const int8_t *x;              /* the column, at any address */
    const int32_t *bias;          /* of the first channel */
    const int32_t *multiplier;    /* see sx_requantize_s8_dsp */
    const int8_t *shift;          /* tflite: the same; onnx: not used */
    int32_t step_bytes;           /* of the multipliers: 4, or 0 for one for all */
    int32_t step;                 /* of the shifts: 1 or 0 */
    int32_t zero;                 /* tflite: 2 * zero_point + 1; onnx: zero_point */
    void *out;                    /* int8 of the first channel; or, where channels is 0, int32 sums of one group */
    int32_t channels;
    const int32_t *w;
    uint32_t rest;                /* the bytes behind the last whole four, zeros above them */
    int32_t has_rest;             /* 0: there are none */
} sx_matvec_block;

/** Bytes of code that the first round of four fours leaves out: 20 instructions for each that it has too many. */
static inline int32_t sx_matvec_skip(int32_t fours)
{
    return 80 * ((fours == 0) ? 4 : (int32_t)(-(uint32_t)fours & 3u));
}

#if SX_HAS_DSP

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter" /* Assembly knows them as r0-r3. */

/* A four of the column and four words of weights: 20 instructions, all of four bytes, for 16 products. */
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

/*
 * The block goes to the stack; sums of a group to r4-r7, and what the outputs need to registers. Fours are taken in rounds of four, of
 * which the first one may begin later: pc is that of the first four where it is added to. The rest is a four on the stack.
 */
#define SX_MATVEC_SUMS                                                                                                \
    "push {r3-r11, lr}\n"                                                                                             \
    "add r1, r0, #28\n"                                                                                               \
    "ldm r1, {r2-r8}\n"                                                                                               \
    "push {r2-r8}\n"                                                                                                  \
    "ldm r0, {r2-r8}\n"                                                                                               \
    "push {r2-r8}\n"                                                                                                  \
    "5:\n"                                                                                                            \
    "ldr r0, [sp, #12]\n"                                                                                             \
    "ldm r0!, {r4-r7}\n"                                                                                              \
    "str r0, [sp, #12]\n"                                                                                             \
    "ldr r1, [sp, #8]\n"                                                                                              \
    "ldr r2, [sp, #44]\n"                                                                                             \
    "ldr r0, [sp]\n"                                                                                                  \
    "ldr r3, [sp, #4]\n"                                                                                              \
    "add pc, r0\n"                                                                                                    \
    "nop\n"                                                                                                           \
    "1:\n" SX_MATVEC_FOUR SX_MATVEC_FOUR SX_MATVEC_FOUR                                                               \
    "3:\n" SX_MATVEC_FOUR                                                                                             \
    "cmp r1, r3\n"                                                                                                    \
    "bne 1b\n"                                                                                                        \
    "ldr r0, [sp, #52]\n"                                                                                             \
    "cmp r0, #0\n"                                                                                                    \
    "beq 7f\n"                                                                                                        \
    "add r3, sp, #52\n"                                                                                               \
    "cmp r1, r3\n"                                                                                                    \
    "itt ne\n"                                                                                                        \
    "addne r1, sp, #48\n"                                                                                             \
    "bne 3b\n"                                                                                                        \
    "7:\n"                                                                                                            \
    "str r2, [sp, #44]\n"                                                                                             \
    "ldr r12, [sp, #36]\n"                                                                                            \
    "ldr lr, [sp, #40]\n"                                                                                             \
    "cmp lr, #0\n"                                                                                                    \
    "it eq\n"                                                                                                         \
    "stmeq r12, {r4-r7}\n"                                                                                            \
    "beq 6f\n"                                                                                                        \
    "ldrd r8, r9, [sp, #16]\n"                                                                                        \
    "ldrd r10, r11, [sp, #24]\n"                                                                                      \
    "ldr r3, [sp, #32]\n"

#define SX_MATVEC_STORE(v)                                                                                            \
    "strb " v ", [r12], #1\n"                                                                                         \
    "subs lr, lr, #1\n"                                                                                               \
    "beq 6f\n"

#define SX_MATVEC_TFLITE(v)                                                                                           \
    "ldr r0, [r8]\n"                                                                                                  \
    "add r8, r8, r10\n"                                                                                               \
    "ldrb r1, [r9]\n"                                                                                                 \
    "add r9, r9, r11\n"                                                                                               \
    "sub r2, r1, #1\n"                                                                                                \
    "lsl r2, r3, r2\n"                                                                                                \
    SX_ASM_TFLITE(v, "r0", "r2", "r1") SX_MATVEC_STORE(v)

#define SX_MATVEC_ONNX(v)                                                                                             \
    "vldr s0, [r8]\n"                                                                                                 \
    "add r8, r8, r10\n"                                                                                               \
    "vmov s1, " v "\n" SX_ASM_ONNX_FLOAT("s1", "s0") "vmov " v ", s1\n" SX_ASM_ONNX_INT(v, "r3") SX_MATVEC_STORE(v)

/* The next group. */
#define SX_MATVEC_NEXT                                                                                                \
    "strd r8, r9, [sp, #16]\n"                                                                                        \
    "str r12, [sp, #36]\n"                                                                                            \
    "str lr, [sp, #40]\n"                                                                                             \
    "b 5b\n"                                                                                                          \
    "6:\n"                                                                                                            \
    "add sp, sp, #56\n"                                                                                               \
    "pop {r3-r11, pc}"

SX_ASSEMBLY static void sx_matvec_tflite(const sx_matvec_block *block)
{
    __asm__ volatile(SX_MATVEC_SUMS);
    __asm__ volatile(SX_MATVEC_TFLITE("r4") SX_MATVEC_TFLITE("r5") SX_MATVEC_TFLITE("r6") SX_MATVEC_TFLITE("r7"));
    __asm__ volatile(SX_MATVEC_NEXT);
}

#if !SX_SOFT_FLOAT
SX_ASSEMBLY static void sx_matvec_onnx(const sx_matvec_block *block)
{
    __asm__ volatile(SX_MATVEC_SUMS);
    __asm__ volatile(SX_MATVEC_ONNX("r4") SX_MATVEC_ONNX("r5") SX_MATVEC_ONNX("r6") SX_MATVEC_ONNX("r7"));
    __asm__ volatile(SX_MATVEC_NEXT);
}
#endif

#pragma GCC diagnostic pop

#endif

/** sx_matvec in C. */
static inline void sx_matvec_c(sx_matvec_block b, sx_rule rule)
{
    int32_t left = b.channels;
    int8_t *out = (int8_t *)b.out;
    do {
        int32_t sum[4] = {b.bias[0], b.bias[1], b.bias[2], b.bias[3]};
        const int8_t *x = b.x;
        while (x != b.end || b.has_rest != 0) {
            const uint32_t four = (x != b.end) ? sx_load_four(x) : b.rest;
            for (int32_t i = 0; i < 8; ++i) {
                const uint32_t word = (uint32_t)b.w[i / 2];
                const uint32_t halves = (i % 2 == 0) ? sx_even_bytes(word) : sx_odd_bytes(word);
                sum[i % 4] = sx_multiply_halves((i < 4) ? sx_even_bytes(four) : sx_odd_bytes(four), halves, sum[i % 4]);
            }
            b.w += 4;
            if (x == b.end) {
                break;
            }
            x += 4;
        }
        for (int32_t i = 0; i < 4; ++i) {
            if (b.channels == 0) {
                ((int32_t *)b.out)[i] = sum[i];
            } else if (i < left) {
                const int32_t shift = (rule == SX_RULE_TFLITE) ? *b.shift & 31 : 0;
                const int32_t offset = (rule == SX_RULE_TFLITE) ? sx_short_offset(b.zero, shift) : b.zero;
                const sx_requantize_channel numbers = {*b.multiplier, offset, shift};
                *out++ = (int8_t)sx_requantize_short(sum[i], numbers, rule);
                b.multiplier += b.step;
                b.shift += (rule == SX_RULE_TFLITE) ? b.step : 0;
            }
        }
        b.bias += 4;
        left -= 4;
    } while (left > 0);
}

/** Outputs of a column by the short form of a rule, or the sums of one group. */
static inline void sx_matvec(const sx_matvec_block *block, sx_rule rule)
{
#if SX_HAS_DSP
    if (rule == SX_RULE_TFLITE) {
        sx_matvec_tflite(block);
        return;
    }
#if !SX_SOFT_FLOAT
    sx_matvec_onnx(block);
    return;
#endif
#endif
    sx_matvec_c(*block, rule);
}

#endif
