/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REQUANTIZE_RUN_S8_DSP_H
#define SX_REQUANTIZE_RUN_S8_DSP_H

#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/*
 * Requantisation of a run of sums of one channel, out[i * step] = requantized(sums[i]).
 */

/** The quickest form that is exact for all channels of a node; export_rules/arm_dsp/depthwise.py chooses it. */
enum {
    SX_RUN_ANY = 0,     /* all multipliers, shifts and limits */
    SX_RUN_CLAMPED = 1, /* `short_shifts`, all limits */
    SX_RUN_QUICK = 2,   /* a multiplier per channel; limits of int8; tflite: right shifts 2..24; onnx: the core has an FPU */
    SX_RUN_QUICK_UP = 3 /* tflite: likewise, and the zero point is -128, to which negative numbers saturate whatever their ties */
};

/** Type of the functions below; kernels get one as a constant argument of an inline body. Forms from CLAMPED on are one. */
typedef void sx_requantize_run(int32_t form, const int32_t *sums, int32_t count, const sx_requantize_s8_dsp *q,
                               int32_t channel, int8_t *out, int32_t step);

#if SX_HAS_DSP

/* The quick forms, four at a time, because the channel's numbers stay in registers. */

/*
 * Fours, in r0, r1, r11, r12, then one by one. Operands: r2 out, r3 sums, r4 count - 1, r5 zero point, r6 step, r8 -step, r9 scale, r10
 * multiplier; they are lost. `load` fills registers, `pair` and `one` requantise them.
 */
#define SX_RUN(load, pair, one)                                                                                       \
    "subs r4, r4, #3\n\t"                                                                                             \
    "blt 2f\n"                                                                                                        \
    "1:\n\t" load("r0, r1, r11, r12", "s0, s1, s2, s3") pair("r0", "r1", "s0", "s1") pair("r11", "r12", "s2", "s3")   \
    "strb r0, [r2]\n\t"                                                                                               \
    "strb r1, [r2, r6]\n\t"                                                                                           \
    "strb r11, [r2, r6, lsl #1]\n\t"                                                                                  \
    "add r2, r2, r6, lsl #2\n\t"                                                                                      \
    "subs r4, r4, #4\n\t"                                                                                             \
    "strb r12, [r2, r8]\n\t"                                                                                          \
    "bge 1b\n"                                                                                                        \
    "2:\n\t"                                                                                                          \
    "adds r4, r4, #4\n\t"                                                                                             \
    "beq 4f\n"                                                                                                        \
    "3:\n\t" load("r0", "s0") one("r0", "s0")                                                                         \
    "strb r0, [r2]\n\t"                                                                                               \
    "add r2, r2, r6\n\t"                                                                                              \
    "subs r4, r4, #1\n\t"                                                                                             \
    "bne 3b\n"                                                                                                        \
    "4:"

#define SX_RUN_LOAD(integers, floats) "ldmia r3!, {" integers "}\n\t"
#define SX_RUN_LOAD_FLOATS(integers, floats) "vldmia r3!, {" floats "}\n\t"

/*
 * The `tflite` rule. The product as in sx_requantize_short_tflite; the right shift is another product, by 2^(32 - shift), whose
 * rounded upper half SMMLAR adds to the zero point.
 */
#define SX_RUN_UP(a, b, x, y)                                                                                         \
    "smmlar " a ", " a ", r10, " a "\n\t"                                                                             \
    "smmlar " b ", " b ", r10, " b "\n\t"                                                                             \
    "smmlar " a ", " a ", r9, r5\n\t"                                                                                 \
    "smmlar " b ", " b ", r9, r5\n\t"                                                                                 \
    "ssat " a ", #8, " a "\n\t"                                                                                       \
    "ssat " b ", #8, " b "\n\t"

#define SX_RUN_ONE_UP(a, x)                                                                                           \
    "smmlar " a ", " a ", r10, " a "\n\t"                                                                             \
    "smmlar " a ", " a ", r9, r5\n\t"                                                                                 \
    "ssat " a ", #8, " a "\n\t"

/* A negative number is one less before it is rounded to nearest, ties up. */
#define SX_RUN_AWAY(a, b, x, y)                                                                                       \
    "smmlar " a ", " a ", r10, " a "\n\t"                                                                             \
    "smmlar " b ", " b ", r10, " b "\n\t"                                                                             \
    "add " a ", " a ", " a ", asr #31\n\t"                                                                            \
    "add " b ", " b ", " b ", asr #31\n\t"                                                                            \
    "smmlar " a ", " a ", r9, r5\n\t"                                                                                 \
    "smmlar " b ", " b ", r9, r5\n\t"                                                                                 \
    "ssat " a ", #8, " a "\n\t"                                                                                       \
    "ssat " b ", #8, " b "\n\t"

#define SX_RUN_ONE_AWAY(a, x)                                                                                         \
    "smmlar " a ", " a ", r10, " a "\n\t"                                                                             \
    "add " a ", " a ", " a ", asr #31\n\t"                                                                            \
    "smmlar " a ", " a ", r9, r5\n\t"                                                                                 \
    "ssat " a ", #8, " a "\n\t"

/* The `onnx` rule. Rounds as FPSCR says: to nearest even, unless an application changes it. */
#define SX_RUN_EVEN(a, b, x, y)                                                                                       \
    "vcvt.f32.s32 " x ", " x "\n\t"                                                                                   \
    "vcvt.f32.s32 " y ", " y "\n\t"                                                                                   \
    "vmul.f32 " x ", " x ", s4\n\t"                                                                                   \
    "vmul.f32 " y ", " y ", s4\n\t"                                                                                   \
    "vcvtr.s32.f32 " x ", " x "\n\t"                                                                                  \
    "vcvtr.s32.f32 " y ", " y "\n\t"                                                                                  \
    "vmov " a ", " b ", " x ", " y "\n\t"                                                                             \
    "qadd " a ", " a ", r5\n\t"                                                                                       \
    "qadd " b ", " b ", r5\n\t"                                                                                       \
    "ssat " a ", #8, " a "\n\t"                                                                                       \
    "ssat " b ", #8, " b "\n\t"

#define SX_RUN_ONE_EVEN(a, x)                                                                                         \
    "vcvt.f32.s32 " x ", " x "\n\t"                                                                                   \
    "vmul.f32 " x ", " x ", s4\n\t"                                                                                   \
    "vcvtr.s32.f32 " x ", " x "\n\t"                                                                                  \
    "vmov " a ", " x "\n\t"                                                                                           \
    "qadd " a ", " a ", r5\n\t"                                                                                       \
    "ssat " a ", #8, " a "\n\t"

#if SX_SOFT_FLOAT
#define SX_RUN_FLOATS
#else
#define SX_RUN_FLOATS "s0", "s1", "s2", "s3", "s4",
#endif

/* The run of one channel; `numbers` completes what r9 and r10 hold. */
#define SX_RUN_CHANNEL(numbers, scale, run)                                                                           \
    do {                                                                                                              \
        register int8_t *r2 __asm__("r2") = out;                                                                      \
        register const int32_t *r3 __asm__("r3") = sums;                                                              \
        register int32_t r4 __asm__("r4") = count - 1;                                                                   \
        register int32_t r5 __asm__("r5") = q->zero_point;                                                            \
        register int32_t r6 __asm__("r6") = step;                                                                     \
        register int32_t r8 __asm__("r8") = -step;                                                                    \
        register int32_t r9 __asm__("r9") = (scale);                                                                  \
        register int32_t r10 __asm__("r10") = q->multiplier[channel];                                                 \
        __asm__ volatile(numbers run                                                                                  \
                         : "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r8), "+r"(r9), "+r"(r10)            \
                         :                                                                                            \
                         : "r0", "r1", "r11", "r12", SX_RUN_FLOATS "cc", "memory");                                   \
    } while (0)

#endif

/** The forms ANY and CLAMPED, and of any node the one or the other. */
static inline void sx_requantize_run_slow_tflite(int32_t form, const int32_t *sums, int32_t count, const sx_requantize_s8_dsp *q,
                                                 int32_t channel, int8_t *out, int32_t step)
{
    const sx_requantize_channel c = sx_requantize_load(q, channel, SX_RULE_TFLITE);
    const int32_t minimum = q->minimum, maximum = q->maximum;
    for (int32_t i = 0; i < count; ++i) {
        const int32_t value = (form == SX_RUN_ANY) ? sx_requantize_any(sums[i], q, channel, SX_RULE_TFLITE)
                                                   : sx_clamp(sx_requantize_short_tflite(sums[i], c), minimum, maximum);
        *out = (int8_t)value;
        out += step;
    }
}

static inline void sx_requantize_run_slow_onnx(int32_t form, const int32_t *sums, int32_t count, const sx_requantize_s8_dsp *q,
                                               int32_t channel, int8_t *out, int32_t step)
{
    const sx_requantize_channel c = sx_requantize_load(q, channel, SX_RULE_ONNX);
    const int32_t minimum = q->minimum, maximum = q->maximum;
    (void)form;
    for (int32_t i = 0; i < count; ++i) {
        *out = (int8_t)sx_clamp(sx_requantize_short_onnx(sums[i], c), minimum, maximum);
        out += step;
    }
}

/** All forms. */
static inline void sx_requantize_run_tflite(int32_t form, const int32_t *sums, int32_t count, const sx_requantize_s8_dsp *q,
                                            int32_t channel, int8_t *out, int32_t step)
{
#if SX_HAS_DSP
    if (form >= SX_RUN_QUICK) {
        const int32_t scale = (int32_t)(1u << (32 - q->shift[channel]));
        if (form == SX_RUN_QUICK_UP) {
            SX_RUN_CHANNEL("", scale, SX_RUN(SX_RUN_LOAD, SX_RUN_UP, SX_RUN_ONE_UP));
        } else {
            SX_RUN_CHANNEL("", scale, SX_RUN(SX_RUN_LOAD, SX_RUN_AWAY, SX_RUN_ONE_AWAY));
        }
        return;
    }
#endif
    sx_requantize_run_slow_tflite(form, sums, count, q, channel, out, step);
}

static inline void sx_requantize_run_onnx(int32_t form, const int32_t *sums, int32_t count, const sx_requantize_s8_dsp *q,
                                          int32_t channel, int8_t *out, int32_t step)
{
#if SX_HAS_DSP && !SX_SOFT_FLOAT
    if (form >= SX_RUN_QUICK) {
        SX_RUN_CHANNEL("vmov s4, r10\n\t", 0, SX_RUN(SX_RUN_LOAD_FLOATS, SX_RUN_EVEN, SX_RUN_ONE_EVEN));
        return;
    }
#endif
    sx_requantize_run_slow_onnx(form, sums, count, q, channel, out, step);
}

#endif
