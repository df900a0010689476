/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REQUANTIZE_S8_DSP_H
#define SX_REQUANTIZE_S8_DSP_H

#include <stdint.h>

#include "sx_halves_dsp.h"
#include "sx_requantize.h"

/** sx_requantize_s8 in the form that the DSP extension wants; export_rules/arm_dsp/requantize.py makes it. */
typedef struct {
    const int32_t *multiplier; /* tflite: twice the Q31 mantissas, modulo 2^32; onnx: bits of the float32 factors */
    const int8_t *shift;       /* tflite: right shifts, -30..31, < 0 is a left shift; onnx: NULL */
    int8_t step;               /* 1: one entry per output channel, 0: one entry for all */
    int8_t zero_point;         /* of the output */
    int8_t minimum, maximum;   /* clamp limits, fused activation included: minimum <= maximum */
    int8_t short_shifts;       /* tflite: 1 if all shifts are in 1..24 and no multiplier is 0, or nearly all; onnx: 1 */
    int8_t narrow;             /* 1 if the limits are narrower than int8 */
} sx_requantize_s8_dsp;

/** What the outputs of one channel need; loaded once for several of them. */
typedef struct {
    int32_t multiplier;
    int32_t offset; /* tflite: (zero_point + 1/2) * 2^shift; onnx: zero_point */
    int32_t shift;  /* tflite: 1..24 */
} sx_requantize_channel;

/** How an int32 becomes an int8; a constant argument of inline bodies. */
typedef enum { SX_RULE_TFLITE, SX_RULE_ONNX } sx_rule;

/** a + b, saturated. */
static inline int32_t sx_saturating_add(int32_t a, int32_t b)
{
    const int64_t sum = (int64_t)a + b;
    return (sum > INT32_MAX) ? INT32_MAX : (sum < INT32_MIN) ? INT32_MIN : (int32_t)sum;
}

/** Clamp to minimum..maximum: what is left to do after the short forms where `narrow`. */
static inline int32_t sx_clamp(int32_t value, int32_t minimum, int32_t maximum)
{
    return (value < minimum) ? minimum : (value > maximum) ? maximum : value;
}

/** (zero_point + 1/2) * 2^shift, from twice the zero point and one. */
static inline int32_t sx_short_offset(int32_t zero, int32_t shift)
{
    return (int32_t)((uint32_t)zero << ((shift - 1) & 31));
}

/** The channel's numbers for the short form; some numbers where the short form is not for the channel. */
static inline sx_requantize_channel sx_requantize_load(const sx_requantize_s8_dsp *q, int32_t channel, sx_rule rule)
{
    const int32_t i = channel * q->step;
    sx_requantize_channel c = {q->multiplier[i], q->zero_point, 0};
    if (rule == SX_RULE_TFLITE) {
        c.shift = q->shift[i] & 31;
        c.offset = sx_short_offset(2 * q->zero_point + 1, c.shift);
    }
    return c;
}

/* The short forms of a register: of `tflite` with multiplier, offset and shift; of `onnx` in two parts, a float32 with its
 * factor, and an integer with the zero point. VCVTR rounds as FPSCR says: to nearest even, unless an application changes it. */
#define SX_ASM_TFLITE(v, m, o, s)                                                                                     \
    "smmlar " v ", " v ", " m ", " v "\n"                                                                             \
    "add " v ", " v ", " v ", asr #31\n"                                                                              \
    "qadd " v ", " v ", " o "\n"                                                                                      \
    "asr " v ", " v ", " s "\n"                                                                                       \
    "ssat " v ", #8, " v "\n"
#define SX_ASM_ONNX_FLOAT(v, m) "vcvt.f32.s32 " v ", " v "\nvmul.f32 " v ", " v ", " m "\nvcvtr.s32.f32 " v ", " v "\n"
#define SX_ASM_ONNX_INT(v, zero) "qadd " v ", " v ", " zero "\nssat " v ", #8, " v "\n"

/**
 * The `tflite` rule, saturated to int8, in five instructions (a store is the sixth).
 *
 *     high  = round(accumulator * 2M / 2^32), ties up: the product of Q31 numbers without the doubling. 2M is stored less
 *             2^32, and the accumulator's own upper half added instead.
 *     value = round(high / 2^shift), ties away from zero, + zero_point: one less if high < 0, then ties up.
 *
 * Exact for all accumulators: |high| < 2^31; a sum with the offset that saturates is beyond int8 after a shift by <= 24.
 */
static inline int32_t sx_requantize_short_tflite(int32_t accumulator, sx_requantize_channel channel)
{
#if SX_HAS_DSP
    __asm__(SX_ASM_TFLITE("%[v]", "%[m]", "%[o]", "%[s]")
            : [v] "+&r"(accumulator)
            : [m] "r"(channel.multiplier), [o] "r"(channel.offset), [s] "r"(channel.shift)
            : "cc");
    return accumulator;
#else
    const int32_t high = sx_multiply_q31(accumulator, (int32_t)((uint32_t)channel.multiplier >> 1));
    const int32_t sum = sx_saturating_add(high + (high >> 31), channel.offset);
    return sx_clamp(sum >> channel.shift, INT8_MIN, INT8_MAX);
#endif
}

/** The `onnx` rule, saturated to int8: converted, multiplied and converted back, rounding to nearest even each time. */
static inline int32_t sx_requantize_short_onnx(int32_t accumulator, sx_requantize_channel channel)
{
#if SX_HAS_DSP && !SX_SOFT_FLOAT
    float scaled;
    __asm__("vmov %[f], %[v]\n" SX_ASM_ONNX_FLOAT("%[f]", "%[m]") "vmov %[v], %[f]\n" SX_ASM_ONNX_INT("%[v]", "%[o]")
            : [v] "+&r"(accumulator), [f] "=&t"(scaled)
            : [m] "t"(sx_f32_from_bits(channel.multiplier)), [o] "r"(channel.offset)
            : "cc");
    return accumulator;
#else
    return sx_offset_clamp_s8(sx_scale_onnx(accumulator, channel.multiplier), channel.offset, INT8_MIN, INT8_MAX);
#endif
}

/** The short form of a rule. */
static inline int32_t sx_requantize_short(int32_t accumulator, sx_requantize_channel channel, sx_rule rule)
{
    return (rule == SX_RULE_TFLITE) ? sx_requantize_short_tflite(accumulator, channel)
                                    : sx_requantize_short_onnx(accumulator, channel);
}

/** A rule for all multipliers, shifts and factors, clamped to minimum..maximum: seldom needed, so one copy for all kernels. */
int32_t sx_requantize_any_tflite(int32_t accumulator, const sx_requantize_s8_dsp *q, int32_t channel);
int32_t sx_requantize_any_onnx(int32_t accumulator, const sx_requantize_s8_dsp *q, int32_t channel);

static inline int32_t sx_requantize_any(int32_t accumulator, const sx_requantize_s8_dsp *q, int32_t channel, sx_rule rule)
{
    return (rule == SX_RULE_TFLITE) ? sx_requantize_any_tflite(accumulator, q, channel)
                                    : sx_requantize_any_onnx(accumulator, q, channel);
}

#endif
