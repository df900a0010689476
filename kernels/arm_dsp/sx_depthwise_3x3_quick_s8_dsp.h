/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_3X3_QUICK_S8_DSP_H
#define SX_DEPTHWISE_3X3_QUICK_S8_DSP_H

#include <stdint.h>

#include "sx_depthwise_planes_s8_dsp.h"
#include "sx_requantize_run_s8_dsp.h"

/*
 * The loops of depthwise 3x3 convolutions in assembly: see sx_depthwise_conv2d_3x3_s8_dsp_body.h, whose C does the same.
 */

#define SX_PLANE_BYTES (4 * SX_PLANE_COLUMNS)
#define SX_ALL_ROWS (-1)

/** What the channels of a block need; the assembly knows the order. */
typedef struct {
    int32_t rows; /* SX_ALL_ROWS, or the masks count */
    const int32_t *weights;
    const int32_t *multiplier;
    int8_t *out;
    uint32_t *plane; /* column 1 */
    int32_t more;    /* output pixels less 1 */
    int32_t zero_point, step, minus_step, one;
    int32_t rows01, row2; /* masks for the weights, 0 for rows of padding */
    uint32_t *middle;     /* column 1 of channel 2 */
    int32_t stride;       /* 1 or 2 */
    uint32_t *end;        /* column 1 behind the last channel */
} sx_depthwise_3x3_job;

#if SX_HAS_DSP

/**
 * Transpose four channels, from `base` on, of at least two columns, x[i] being row i at the first of them: 32 instructions for
 * two.
 */
static inline void sx_depthwise_3x3_column_pairs(uint32_t *plane, const int8_t *const x[3], int32_t count, int32_t base,
                                                 int32_t step, uint32_t offset)
{
    const int32_t even = (count & ~1) * step;
    const int8_t *const end[3] = {x[0] + even + base, x[1] + even + base, x[2] + even + base};
    int32_t at = -even;
    uint32_t a, b, c, d, t, u;
    __asm__ volatile("1:\n\t"
                     "add %[u], %[at], %[step]\n\t"
                     "ldr %[t], [%[x2], %[u]]\n\t"
                     "ldr %[c], [%[x0], %[u]]\n\t"
                     "ldr %[d], [%[x1], %[u]]\n\t"
                     "ldr %[u], [%[x2], %[at]]\n\t"
                     "sxtab16 %[a], %[off], %[u]\n\t"
                     "sxtab16 %[b], %[off], %[t]\n\t"
                     "strd %[a], %[b], [%[p], %[q4]]\n\t"
                     "sxtab16 %[a], %[off], %[u], ror #8\n\t"
                     "sxtab16 %[b], %[off], %[t], ror #8\n\t"
                     "strd %[a], %[b], [%[p], %[q5]]\n\t"
                     "ldr %[a], [%[x0], %[at]]\n\t"
                     "ldr %[b], [%[x1], %[at]]\n\t"
                     "pkhbt %[t], %[a], %[b], lsl #16\n\t"
                     "pkhtb %[b], %[b], %[a], asr #16\n\t"
                     "pkhbt %[a], %[c], %[d], lsl #16\n\t"
                     "pkhtb %[d], %[d], %[c], asr #16\n\t"
                     "sxtab16 %[c], %[off], %[t]\n\t"
                     "sxtab16 %[u], %[off], %[a]\n\t"
                     "strd %[c], %[u], [%[p]]\n\t"
                     "sxtab16 %[c], %[off], %[t], ror #8\n\t"
                     "sxtab16 %[u], %[off], %[a], ror #8\n\t"
                     "strd %[c], %[u], [%[p], %[q1]]\n\t"
                     "sxtab16 %[c], %[off], %[b]\n\t"
                     "sxtab16 %[u], %[off], %[d]\n\t"
                     "strd %[c], %[u], [%[p], %[q2]]\n\t"
                     "sxtab16 %[c], %[off], %[b], ror #8\n\t"
                     "sxtab16 %[u], %[off], %[d], ror #8\n\t"
                     "strd %[c], %[u], [%[p], %[q3]]\n\t"
                     "add %[p], %[p], #8\n\t"
                     "adds %[at], %[at], %[step], lsl #1\n\t"
                     "blt 1b"
                     : [p] "+r"(plane), [at] "+r"(at), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d),
                       [t] "=&r"(t), [u] "=&r"(u)
                     : [x0] "r"(end[0]), [x1] "r"(end[1]), [x2] "r"(end[2]), [step] "r"(step), [off] "r"(offset),
                       [q1] "i"(SX_PLANE_BYTES), [q2] "i"(2 * SX_PLANE_BYTES), [q3] "i"(3 * SX_PLANE_BYTES),
                       [q4] "i"(4 * SX_PLANE_BYTES), [q5] "i"(5 * SX_PLANE_BYTES)
                     : "cc", "memory");
    if (count & 1) {
        __asm__ volatile("ldr %[c], [%[x2]]\n\t"
                         "ldr %[a], [%[x0]]\n\t"
                         "ldr %[b], [%[x1]]\n\t"
                         "sxtab16 %[t], %[off], %[c]\n\t"
                         "sxtab16 %[u], %[off], %[c], ror #8\n\t"
                         "str %[t], [%[p], %[q4]]\n\t"
                         "str %[u], [%[p], %[q5]]\n\t"
                         "pkhbt %[t], %[a], %[b], lsl #16\n\t"
                         "pkhtb %[b], %[b], %[a], asr #16\n\t"
                         "sxtab16 %[a], %[off], %[t]\n\t"
                         "sxtab16 %[t], %[off], %[t], ror #8\n\t"
                         "sxtab16 %[u], %[off], %[b]\n\t"
                         "sxtab16 %[b], %[off], %[b], ror #8\n\t"
                         "str %[a], [%[p]]\n\t"
                         "str %[t], [%[p], %[q1]]\n\t"
                         "str %[u], [%[p], %[q2]]\n\t"
                         "str %[b], [%[p], %[q3]]"
                         : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [t] "=&r"(t), [u] "=&r"(u)
                         : [p] "r"(plane), [x0] "r"(end[0]), [x1] "r"(end[1]), [x2] "r"(end[2]), [off] "r"(offset),
                           [q1] "i"(SX_PLANE_BYTES), [q2] "i"(2 * SX_PLANE_BYTES), [q3] "i"(3 * SX_PLANE_BYTES),
                           [q4] "i"(4 * SX_PLANE_BYTES), [q5] "i"(5 * SX_PLANE_BYTES)
                         : "memory");
    }
}

/* A pair of row 2 at two neighbours, of the channel that is in the lower or in the upper halves. */
#define SX_PAIR_LOWER(a, b) "pkhbt " a ", " a ", " b ", lsl #16\n\t"
#define SX_PAIR_UPPER(a, b) "pkhtb " a ", " b ", " a ", asr #16\n\t"

/*
 * Registers: r0 r1 r2 weights of rows 0 and 1, (w0x, w1x); r3 (w20, w21), r4 (w21, w22); r5 bias; r6 column 1 of the plane; r8 count
 * less 1. `d0` bytes lead from a column to its row 2, `d2` two columns further. Sums overwrite the plane from column 1 on, each
 * after what it was in was read. To label 8 when done.
 *
 * Two sums a round: 16 instructions for 18 products; then one if there is one.
 */
#define SX_3X3_STRIDE_1(pair, single, d0, d2)                                                                         \
    "ldrd lr, r12, [r6, #" d0 "-4]\n\t" pair("lr", "r12")                                                             \
    "ldrd r11, r12, [r6, #-4]\n"                                                                                      \
    "6:\n\t"                                                                                                          \
    "smlad r9, r11, r0, r5\n\t"                                                                                       \
    "smlad r10, r12, r0, r5\n\t"                                                                                      \
    "smlad r9, r12, r1, r9\n\t"                                                                                       \
    "smlad r9, lr, r3, r9\n\t"                                                                                        \
    "smlatb r10, lr, r3, r10\n\t"                                                                                     \
    "ldrd lr, r11, [r6, #" d2 "-4]\n\t" pair("lr", "r11")                                                             \
    "ldrd r11, r12, [r6, #4]\n\t"                                                                                     \
    "smlabt r9, lr, r4, r9\n\t"                                                                                       \
    "smlad r10, lr, r4, r10\n\t"                                                                                      \
    "smlad r9, r11, r2, r9\n\t"                                                                                       \
    "smlad r10, r11, r1, r10\n\t"                                                                                     \
    "smlad r10, r12, r2, r10\n\t"                                                                                     \
    "strd r9, r10, [r6], #8\n\t"                                                                                      \
    "subs r8, r8, #2\n\t"                                                                                             \
    "bgt 6b\n\t"                                                                                                      \
    "bne 8f\n\t"                                                                                                      \
    "smlad r9, r11, r0, r5\n\t"                                                                                       \
    "ldr r11, [r6, #4]\n\t"                                                                                           \
    "smlad r9, r12, r1, r9\n\t"                                                                                       \
    "ldr r12, [r6, #" d2 "-4]\n\t"                                                                                    \
    "smlad r9, lr, r3, r9\n\t"                                                                                        \
    "smlad r9, r11, r2, r9\n\t" single " r9, r12, r4, r9\n\t"                                                         \
    "str r9, [r6]\n\t"

/* One sum a round: 12 instructions for 9 products. r10 is where it goes. */
#define SX_3X3_STRIDE_2(pair, single, d0, d2)                                                                         \
    "mov r10, r6\n\t"                                                                                                 \
    "ldr r11, [r6, #-4]\n"                                                                                            \
    "6:\n\t"                                                                                                          \
    "smlad r9, r11, r0, r5\n\t"                                                                                       \
    "ldrd r12, lr, [r6, #" d0 "-4]\n\t" pair("r12", "lr")                                                             \
    "ldr lr, [r6, #" d2 "-4]\n\t"                                                                                     \
    "smlad r9, r12, r3, r9\n\t"                                                                                       \
    "ldrd r12, r11, [r6], #8\n\t" single " r9, lr, r4, r9\n\t"                                                        \
    "smlad r9, r12, r1, r9\n\t"                                                                                       \
    "smlad r9, r11, r2, r9\n\t"                                                                                       \
    "str r9, [r10], #4\n\t"                                                                                           \
    "subs r8, r8, #1\n\t"                                                                                             \
    "bge 6b\n\t"

/*
 * All channels from job.plane to job.end: weights, sums, requantised outputs. r7 points to job.weights. Choosing the
 * loop for each channel costs up to four instructions; functions for each stride and form would take a kilobyte more.
 */
#define SX_3X3_SUMS                                                                                                   \
    "push {r4-r11, lr}\n\t"                                                                                           \
    "add r7, r0, #4\n"                                                                                                \
    "5:\n\t"                                                                                                          \
    "ldrd lr, r12, [r7, #-4]\n\t"                                                                                     \
    "ldmia r12!, {r5, r8, r9, r10}\n\t"                                                                               \
    "str r12, [r7]\n\t"                                                                                               \
    "sxtb16 r0, r8\n\t"                                                                                               \
    "sxtb16 r1, r8, ror #8\n\t"                                                                                       \
    "sxtb16 r2, r9\n\t"                                                                                               \
    "sxtb16 r3, r9, ror #8\n\t"                                                                                       \
    "sxtb16 r4, r10\n\t"                                                                                              \
    "cmn lr, #1\n\t"                                                                                                  \
    "beq 6f\n\t"                                                                                                      \
    "ldrd lr, r10, [r7, #36]\n\t"                                                                                     \
    "and r0, r0, lr\n\t"                                                                                              \
    "and r1, r1, lr\n\t"                                                                                              \
    "and r2, r2, lr\n\t"                                                                                              \
    "and r3, r3, r10\n\t"                                                                                             \
    "and r4, r4, r10\n"                                                                                               \
    "6:\n\t"                                                                                                          \
    "ldrd r9, r10, [r7, #44]\n\t"                                                                                     \
    "ldrd r6, r8, [r7, #12]\n\t"                                                                                      \
    "cmp r10, #1\n\t"                                                                                                 \
    "beq 9f\n\t"                                                                                                      \
    "cmp r6, r9\n\t"                                                                                                  \
    "bhs 7f\n\t" SX_3X3_STRIDE_2(SX_PAIR_LOWER, "smlabt", "256", "264")                                               \
    "b 8f\n"                                                                                                          \
    "7:\n\t" SX_3X3_STRIDE_2(SX_PAIR_UPPER, "smlatt", "128", "136")                                                   \
    "b 8f\n"                                                                                                          \
    "9:\n\t"                                                                                                          \
    "cmp r6, r9\n\t"                                                                                                  \
    "bhs 7f\n\t" SX_3X3_STRIDE_1(SX_PAIR_LOWER, "smlabt", "256", "264")                                               \
    "b 8f\n"                                                                                                          \
    "7:\n\t" SX_3X3_STRIDE_1(SX_PAIR_UPPER, "smlatt", "128", "136")                                                   \
    "8:"

#define SX_3X3_OUTPUTS(numbers, run)                                                                                  \
    "ldmia r7, {r0, r1, r2, r3, r4, r5, r6, r8, r9}\n\t"                                                              \
    "ldr r10, [r1], #4\n\t" numbers                                                                                   \
    "add r11, r2, #1\n\t"                                                                                             \
    "add lr, r3, #64\n\t"                                                                                             \
    "stmia r7, {r0, r1, r11, lr}\n\t" run "\n"                                                                        \
    "8:\n\t"                                                                                                          \
    "ldr r0, [r7, #52]\n\t"                                                                                           \
    "cmp lr, r0\n\t"                                                                                                  \
    "bne 5b\n\t"                                                                                                      \
    "pop {r4-r11, pc}"
_Static_assert(SX_PLANE_BYTES == 64, "the offsets of rows 2 and of the next plane");

/* `tflite`: the shift is the last byte of the weights that r0 has passed. */
#define SX_SCALE_TFLITE "ldrb r11, [r0, #-1]\n\tror r9, r9, r11\n\t"
#define SX_SCALE_ONNX "vmov s4, r10\n\t"

/* SX_RUN_QUICK_UP where the zero point, r5, is -128. */
#define SX_RUN_TFLITE                                                                                                 \
    "cmn r5, #128\n\t"                                                                                                \
    "beq 9f\n\t" SX_RUN(SX_RUN_LOAD, SX_RUN_AWAY, SX_RUN_ONE_AWAY) "\n\t"                                             \
    "b 8f\n"                                                                                                          \
    "9:\n\t" SX_RUN(SX_RUN_LOAD, SX_RUN_UP, SX_RUN_ONE_UP)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter" /* Assembly knows it as r0. */

SX_ASSEMBLY static void sx_depthwise_3x3_quick_tflite(sx_depthwise_3x3_job *job)
{
    __asm__ volatile(SX_3X3_SUMS);
    __asm__ volatile(SX_3X3_OUTPUTS(SX_SCALE_TFLITE, SX_RUN_TFLITE));
}

#if !SX_SOFT_FLOAT
SX_ASSEMBLY static void sx_depthwise_3x3_quick_onnx(sx_depthwise_3x3_job *job)
{
    __asm__ volatile(SX_3X3_SUMS);
    __asm__ volatile(SX_3X3_OUTPUTS(SX_SCALE_ONNX, SX_RUN(SX_RUN_LOAD_FLOATS, SX_RUN_EVEN, SX_RUN_ONE_EVEN)));
}
#endif

#pragma GCC diagnostic pop

/** All channels of a block; their sums stay in the planes. Without an FPU the outputs of `onnx` are left to the caller. */
static inline void sx_depthwise_3x3_quick(sx_depthwise_3x3_job *job, sx_rule rule)
{
#if !SX_SOFT_FLOAT
    if (rule == SX_RULE_ONNX) {
        sx_depthwise_3x3_quick_onnx(job);
        return;
    }
#endif
    (void)rule;
    sx_depthwise_3x3_quick_tflite(job);
}

#endif

#endif
