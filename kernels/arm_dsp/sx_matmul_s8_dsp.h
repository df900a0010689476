/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATMUL_S8_DSP_H
#define SX_MATMUL_S8_DSP_H

#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/*
 * The loops of convolutions: products of a few columns, the inputs of one output pixel each, with the weights of a few
 * channels. Products are taken two at a time, so the elements of both go in fours, zeros behind the last weights: elements 0
 * and 2 of a four are one pair, 1 and 3 the other, as SXTB16 unpacks them.
 *
 * Weights come in groups of four channels c, c+1 (duo 0), c+2, c+3 (duo 1); a word holds a pair k, k+2 of a duo:
 *
 *     [fours][pair][duo] of bytes  w[c][k]  w[c+1][k]  w[c][k+2]  w[c+1][k+2]
 *
 * Columns are words of two int16, x[k] x[k+2], side by side: [fours][pair][column]. Sums are modulo 2^32.
 *
 * On cores with the DSP extension they are functions in assembly: the loops need all fourteen registers, and have them however
 * the code around is compiled. Elsewhere the same in C.
 */

/** Outputs of 4 or 2 columns. */
typedef struct {
    int32_t skip;                  /* see sx_matmul_skip */
    const uint32_t *end;           /* of the columns: behind the last pair */
    const uint32_t *x;             /* the columns */
    const int32_t *bias;           /* of the first channel */
    const int32_t *multiplier;     /* one per channel, and one more for an odd number of them; see sx_requantize_s8_dsp */
    const int8_t *shift;           /* tflite: the same; onnx: not used */
    int32_t zero;                  /* tflite: 2 * zero_point + 1; onnx: zero_point */
    int32_t pixel, last_pixel;     /* from the output of column 0 to those of 1 and, of 4, of 3; 2 is at 2 * pixel */
    int8_t *out;                   /* first channel of column 0 */
    int32_t channels;              /* >= 1 */
    int32_t next;                  /* of 4: bytes from behind the weights of one duo to those of the next: 4 - 16 * fours, then -4 */
    int32_t both;                  /* of 4: the sum of the two: -16 * fours */
    const int32_t *w;              /* the first group */
} sx_matmul_block;

/** Bytes of code that the first round, of 8 or 4 pairs, leaves out: 13 or 15 instructions for each pair that it has too many. */
static inline int32_t sx_matmul_skip(int32_t fours, int32_t columns)
{
    const uint32_t pairs = -2u * (uint32_t)fours;
    return (int32_t)((columns == 4) ? 52u * (pairs & 7u) : 60u * (pairs & 3u));
}

#if SX_HAS_DSP

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter" /* Assembly knows them as r0-r3. */

/*
 * All pairs of columns from r1 on, in rounds of which the first one may begin later: pc is that of the first pair where it is added
 * to. All instructions of a pair take four bytes.
 */
#define SX_MATMUL_LOOP(pairs)                                                                                         \
    "ldr r3, [sp]\n"                                                                                                  \
    "add pc, r3\n"                                                                                                    \
    "nop\n"                                                                                                           \
    "1:\n" pairs                                                                                                      \
    "ldr r3, [sp, #4]\n"                                                                                              \
    "cmp r1, r3\n"                                                                                                    \
    "bne 1b\n"

/* r4-r7 and r8-r11, the sums of four columns for two channels: 13 instructions for 16 products. */
#define SX_MATMUL_4X2_PAIR                                                                                            \
    "ldr lr, [r2], #8\n"                                                                                              \
    "ldrd r0, r12, [r1], #8\n"                                                                                        \
    "sxtb16 r3, lr\n"                                                                                                 \
    "sxtb16 lr, lr, ror #8\n"                                                                                         \
    "smlad r4, r0, r3, r4\n"                                                                                          \
    "smlad r8, r0, lr, r8\n"                                                                                          \
    "smlad r5, r12, r3, r5\n"                                                                                         \
    "smlad r9, r12, lr, r9\n"                                                                                         \
    "ldrd r0, r12, [r1], #8\n"                                                                                        \
    "smlad r6, r0, r3, r6\n"                                                                                          \
    "smlad r10, r0, lr, r10\n"                                                                                        \
    "smlad r7, r12, r3, r7\n"                                                                                         \
    "smlad r11, r12, lr, r11\n"

#define SX_MATMUL_4X2_PAIRS SX_MATMUL_4X2_PAIR SX_MATMUL_4X2_PAIR SX_MATMUL_4X2_PAIR SX_MATMUL_4X2_PAIR

/* r4-r7 and r8-r11, the sums of four channels for two columns: 15 instructions for 16 products. */
#define SX_MATMUL_2X4_PAIR                                                                                            \
    "ldr lr, [r2], #4\n"                                                                                              \
    "ldrd r0, r12, [r1], #8\n"                                                                                        \
    "sxtb16 r3, lr\n"                                                                                                 \
    "sxtb16 lr, lr, ror #8\n"                                                                                         \
    "smlad r4, r0, r3, r4\n"                                                                                          \
    "smlad r8, r12, r3, r8\n"                                                                                         \
    "smlad r5, r0, lr, r5\n"                                                                                          \
    "smlad r9, r12, lr, r9\n"                                                                                         \
    "ldr lr, [r2], #4\n"                                                                                              \
    "sxtb16 r3, lr\n"                                                                                                 \
    "sxtb16 lr, lr, ror #8\n"                                                                                         \
    "smlad r6, r0, r3, r6\n"                                                                                          \
    "smlad r10, r12, r3, r10\n"                                                                                       \
    "smlad r7, r0, lr, r7\n"                                                                                          \
    "smlad r11, r12, lr, r11\n"

#define SX_MATMUL_2X4_PAIRS SX_MATMUL_2X4_PAIR SX_MATMUL_2X4_PAIR SX_MATMUL_2X4_PAIR SX_MATMUL_2X4_PAIR

/* The numbers of two channels, and their outputs. */
#define SX_MATMUL_TFLITE                                                                                              \
    "ldr r1, [sp, #16]\n"                                                                                             \
    "ldrd r0, lr, [r1], #8\n"                                                                                         \
    "str r1, [sp, #16]\n"                                                                                             \
    "ldr r1, [sp, #20]\n"                                                                                             \
    "ldrb r3, [r1], #1\n"                                                                                             \
    "ldrb r2, [r1], #1\n"                                                                                             \
    "str r1, [sp, #20]\n"                                                                                             \
    "ldr r12, [sp, #24]\n"                                                                                            \
    "sub r1, r3, #1\n"                                                                                                \
    "lsl r1, r12, r1\n"                                                                                               \
    SX_ASM_TFLITE("r4", "r0", "r1", "r3") SX_ASM_TFLITE("r5", "r0", "r1", "r3")                                       \
    SX_ASM_TFLITE("r6", "r0", "r1", "r3") SX_ASM_TFLITE("r7", "r0", "r1", "r3")                                       \
    "sub r3, r2, #1\n"                                                                                                \
    "lsl r3, r12, r3\n"                                                                                               \
    SX_ASM_TFLITE("r8", "lr", "r3", "r2") SX_ASM_TFLITE("r9", "lr", "r3", "r2")                                       \
    SX_ASM_TFLITE("r10", "lr", "r3", "r2") SX_ASM_TFLITE("r11", "lr", "r3", "r2")

#define SX_MATMUL_ONNX                                                                                                \
    "ldr r1, [sp, #16]\n"                                                                                             \
    "vldm r1!, {s0-s1}\n"                                                                                             \
    "str r1, [sp, #16]\n"                                                                                             \
    "ldr r3, [sp, #24]\n"                                                                                             \
    "vmov s2, s3, r4, r5\n"                                                                                           \
    "vmov s4, s5, r6, r7\n"                                                                                           \
    "vmov s6, s7, r8, r9\n"                                                                                           \
    "vmov s8, s9, r10, r11\n"                                                                                         \
    SX_ASM_ONNX_FLOAT("s2", "s0") SX_ASM_ONNX_FLOAT("s3", "s0") SX_ASM_ONNX_FLOAT("s4", "s0") SX_ASM_ONNX_FLOAT("s5", "s0")\
    SX_ASM_ONNX_FLOAT("s6", "s1") SX_ASM_ONNX_FLOAT("s7", "s1") SX_ASM_ONNX_FLOAT("s8", "s1") SX_ASM_ONNX_FLOAT("s9", "s1")\
    "vmov r4, r5, s2, s3\n"                                                                                           \
    "vmov r6, r7, s4, s5\n"                                                                                           \
    "vmov r8, r9, s6, s7\n"                                                                                           \
    "vmov r10, r11, s8, s9\n"                                                                                         \
    SX_ASM_ONNX_INT("r4", "r3") SX_ASM_ONNX_INT("r5", "r3") SX_ASM_ONNX_INT("r6", "r3") SX_ASM_ONNX_INT("r7", "r3")       \
    SX_ASM_ONNX_INT("r8", "r3") SX_ASM_ONNX_INT("r9", "r3") SX_ASM_ONNX_INT("r10", "r3") SX_ASM_ONNX_INT("r11", "r3")

/* The block goes to the stack, where all its numbers can be reached while the loops have the registers; sums of a duo. */
#define SX_MATMUL_4X2_SUMS                                                                                            \
    "push {r3-r11, lr}\n"                                                                                             \
    "add r1, r0, #28\n"                                                                                               \
    "ldm r1, {r2-r8}\n"                                                                                               \
    "push {r2-r8}\n"                                                                                                  \
    "ldm r0, {r2-r8}\n"                                                                                               \
    "push {r2-r8}\n"                                                                                                  \
    "5:\n"                                                                                                            \
    "ldr r0, [sp, #12]\n"                                                                                             \
    "ldrd r4, r8, [r0], #8\n"                                                                                         \
    "str r0, [sp, #12]\n"                                                                                             \
    "mov r5, r4\n"                                                                                                    \
    "mov r6, r4\n"                                                                                                    \
    "mov r7, r4\n"                                                                                                    \
    "mov r9, r8\n"                                                                                                    \
    "mov r10, r8\n"                                                                                                   \
    "mov r11, r8\n"                                                                                                   \
    "ldr r1, [sp, #8]\n"                                                                                              \
    "ldr r2, [sp, #52]\n"                                                                                             \
    SX_MATMUL_LOOP(SX_MATMUL_4X2_PAIRS SX_MATMUL_4X2_PAIRS)                                                           \
    "ldrd r0, r1, [sp, #44]\n"                                                                                        \
    "add r2, r2, r0\n"                                                                                                \
    "sub r0, r1, r0\n"                                                                                                \
    "str r0, [sp, #44]\n"                                                                                             \
    "str r2, [sp, #52]\n"

/* Stores, and the next duo. */
#define SX_MATMUL_4X2_STORE                                                                                           \
    "ldr r0, [sp, #36]\n"                                                                                             \
    "ldrd r1, r2, [sp, #28]\n"                                                                                        \
    "ldr r3, [sp, #40]\n"                                                                                             \
    "strb r5, [r0, r1]\n"                                                                                             \
    "strb r6, [r0, r1, lsl #1]\n"                                                                                     \
    "strb r7, [r0, r2]\n"                                                                                             \
    "strb r4, [r0], #1\n"                                                                                             \
    "subs r3, r3, #2\n"                                                                                               \
    "bmi 6f\n"                                                                                                        \
    "str r3, [sp, #40]\n"                                                                                             \
    "strb r9, [r0, r1]\n"                                                                                             \
    "strb r10, [r0, r1, lsl #1]\n"                                                                                    \
    "strb r11, [r0, r2]\n"                                                                                            \
    "strb r8, [r0], #1\n"                                                                                             \
    "str r0, [sp, #36]\n"                                                                                             \
    "bne 5b\n"                                                                                                        \
    "6:\n"                                                                                                            \
    "add sp, sp, #56\n"                                                                                               \
    "pop {r3-r11, pc}"

/* In three statements, because C compilers need not take strings of more than 4095 characters. */
SX_ASSEMBLY static void sx_matmul_4x2_tflite(const sx_matmul_block *block)
{
    __asm__ volatile(SX_MATMUL_4X2_SUMS);
    __asm__ volatile(SX_MATMUL_TFLITE);
    __asm__ volatile(SX_MATMUL_4X2_STORE);
}

#if !SX_SOFT_FLOAT
SX_ASSEMBLY static void sx_matmul_4x2_onnx(const sx_matmul_block *block)
{
    __asm__ volatile(SX_MATMUL_4X2_SUMS);
    __asm__ volatile(SX_MATMUL_ONNX);
    __asm__ volatile(SX_MATMUL_4X2_STORE);
}
#endif

/* The block goes to the stack, with 1 and then 0 for duos to come in the place of `next`; sums of a group; multipliers, shifts and
 * outputs to r2, r3 and r12. */
#define SX_MATMUL_2X4_SUMS                                                                                            \
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
    "mov r8, r4\n"                                                                                                    \
    "mov r9, r5\n"                                                                                                    \
    "mov r10, r6\n"                                                                                                   \
    "mov r11, r7\n"                                                                                                   \
    "ldr r1, [sp, #8]\n"                                                                                              \
    "ldr r2, [sp, #52]\n"                                                                                             \
    SX_MATMUL_LOOP(SX_MATMUL_2X4_PAIRS)                                                                               \
    "str r2, [sp, #52]\n"                                                                                             \
    "ldrd r2, r3, [sp, #16]\n"                                                                                        \
    "ldr r12, [sp, #36]\n"                                                                                            \
    "movs r0, #1\n"                                                                                                   \
    "3:\n"                                                                                                            \
    "str r0, [sp, #44]\n"

#define SX_MATMUL_2X4_STORE(a, b)                                                                                     \
    "ldr lr, [sp, #28]\n"                                                                                             \
    "strb " b ", [r12, lr]\n"                                                                                         \
    "strb " a ", [r12], #1\n"                                                                                         \
    "ldr lr, [sp, #40]\n"                                                                                             \
    "subs lr, lr, #1\n"                                                                                               \
    "str lr, [sp, #40]\n"                                                                                             \
    "beq 6f\n"

/* Both outputs of a channel. */
#define SX_MATMUL_2X4_TFLITE(a, b)                                                                                    \
    "ldrb r1, [r3], #1\n"                                                                                             \
    "ldr lr, [sp, #24]\n"                                                                                             \
    "sub r0, r1, #1\n"                                                                                                \
    "lsl lr, lr, r0\n"                                                                                                \
    "ldr r0, [r2], #4\n"                                                                                              \
    SX_ASM_TFLITE(a, "r0", "lr", "r1") SX_ASM_TFLITE(b, "r0", "lr", "r1") SX_MATMUL_2X4_STORE(a, b)

#define SX_MATMUL_2X4_ONNX(a, b)                                                                                      \
    "vldmia r2!, {s0}\n"                                                                                              \
    "vmov s1, s2, " a ", " b "\n" SX_ASM_ONNX_FLOAT("s1", "s0") SX_ASM_ONNX_FLOAT("s2", "s0")                         \
    "vmov " a ", " b ", s1, s2\n"                                                                                     \
    "ldr r1, [sp, #24]\n"                                                                                             \
    SX_ASM_ONNX_INT(a, "r1") SX_ASM_ONNX_INT(b, "r1") SX_MATMUL_2X4_STORE(a, b)

/* The other two channels, then the next group. */
#define SX_MATMUL_2X4_NEXT                                                                                            \
    "mov r4, r6\n"                                                                                                    \
    "mov r5, r7\n"                                                                                                    \
    "mov r8, r10\n"                                                                                                   \
    "mov r9, r11\n"                                                                                                   \
    "ldr r0, [sp, #44]\n"                                                                                             \
    "subs r0, r0, #1\n"                                                                                               \
    "beq 3b\n"                                                                                                        \
    "strd r2, r3, [sp, #16]\n"                                                                                        \
    "str r12, [sp, #36]\n"                                                                                            \
    "b 5b\n"                                                                                                          \
    "6:\n"                                                                                                            \
    "add sp, sp, #56\n"                                                                                               \
    "pop {r3-r11, pc}"

SX_ASSEMBLY static void sx_matmul_2x4_tflite(const sx_matmul_block *block)
{
    __asm__ volatile(SX_MATMUL_2X4_SUMS);
    __asm__ volatile(SX_MATMUL_2X4_TFLITE("r4", "r8") SX_MATMUL_2X4_TFLITE("r5", "r9"));
    __asm__ volatile(SX_MATMUL_2X4_NEXT);
}

#if !SX_SOFT_FLOAT
SX_ASSEMBLY static void sx_matmul_2x4_onnx(const sx_matmul_block *block)
{
    __asm__ volatile(SX_MATMUL_2X4_SUMS);
    __asm__ volatile(SX_MATMUL_2X4_ONNX("r4", "r8") SX_MATMUL_2X4_ONNX("r5", "r9"));
    __asm__ volatile(SX_MATMUL_2X4_NEXT);
}
#endif

#pragma GCC diagnostic pop

#endif

/** What the functions in assembly do, for 4 or 2 columns. */
static inline void sx_matmul_c(sx_matmul_block b, int32_t columns, sx_rule rule)
{
    const int32_t places[4] = {0, b.pixel, 2 * b.pixel, b.last_pixel};
    const int32_t pairs = (int32_t)(b.end - b.x) / columns;
    for (int32_t channel = 0; channel < b.channels; ++channel) {
        const int32_t shift = (rule == SX_RULE_TFLITE) ? *b.shift++ & 31 : 0;
        const int32_t offset = (rule == SX_RULE_TFLITE) ? sx_short_offset(b.zero, shift) : b.zero;
        const sx_requantize_channel numbers = {*b.multiplier++, offset, shift};
        const int32_t *const w = b.w + channel / 4 * 2 * pairs + channel % 4 / 2;
        for (int32_t column = columns - 1; column >= 0; --column) {
            int32_t sum = b.bias[channel];
            for (int32_t pair = 0; pair < pairs; ++pair) {
                const uint32_t word = (uint32_t)w[2 * pair];
                const uint32_t halves = (channel % 2 == 0) ? sx_even_bytes(word) : sx_odd_bytes(word);
                sum = sx_multiply_halves(b.x[pair * columns + column], halves, sum);
            }
            b.out[places[column] + channel] = (int8_t)sx_requantize_short(sum, numbers, rule);
        }
    }
}

/** Outputs of 4 or 2 columns by the short form of a rule. */
static inline void sx_matmul(const sx_matmul_block *block, int32_t columns, sx_rule rule)
{
#if SX_HAS_DSP
    if (rule == SX_RULE_TFLITE) {
        (columns == 4) ? sx_matmul_4x2_tflite(block) : sx_matmul_2x4_tflite(block);
        return;
    }
#if !SX_SOFT_FLOAT
    (columns == 4) ? sx_matmul_4x2_onnx(block) : sx_matmul_2x4_onnx(block);
    return;
#endif
#endif
    sx_matmul_c(*block, columns, rule);
}

#endif
