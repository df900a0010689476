/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REQUANTIZE_H
#define SX_REQUANTIZE_H

#include <stdint.h>

#include "sx_core.h"
#include "sx_float32.h"

/* Two choices that C leaves to the compiler, and that the fixed-point functions below build on. */
_Static_assert((-3 >> 1) == -2, "right shift of a negative number is arithmetic");
_Static_assert((int32_t)0xFFFFFFFFu == -1, "conversion to a signed integer wraps");

/** How int32 accumulators become int8 outputs. */
typedef struct {
    const int32_t *multiplier; /* tflite: Q31 mantissas, 0 or 2^30..2^31-1; onnx: bits of the float32 factors */
    const int8_t *shift;       /* tflite: exponents, -31..31, > 0 is a left shift; onnx: NULL */
    int32_t step;              /* 1: one entry per output channel, 0: one entry for all */
    int32_t zero_point;        /* of the output, -128..127 */
    int32_t minimum, maximum;  /* clamp limits, fused activation included: -128 <= minimum <= maximum <= 127 */
} sx_requantize_s8;

/** Type of the two rules below; kernels get one as a constant argument of an inline body. */
typedef int8_t sx_requantize_rule(int32_t accumulator, const sx_requantize_s8 *requantize, int32_t channel);

/**
 * Add the zero point and clamp. The limits move by the zero point instead of the value, so that no value can overflow.
 */
static inline int8_t sx_offset_clamp_s8(int32_t value, int32_t zero_point, int32_t minimum, int32_t maximum)
{
    const int32_t low = minimum - zero_point;
    const int32_t high = maximum - zero_point;
    const int32_t clamped = (value < low) ? low : (value > high) ? high : value;
    return (int8_t)(clamped + zero_point);
}

/**
 * round(a * b / 2^31), ties up: the product of two Q31 numbers. b >= 0, so the one product that does not fit in an
 * int32_t, (-2^31)^2, cannot occur.
 *
 * TFLite adds 2^30 to a product >= 0 and 1 - 2^30 to one < 0, and divides by 2^31 towards zero. The quotient of a
 * negative number n rounds up there, so it is the floor of (n + 2^31 - 1) / 2^31: with 2^30 added again, one floor
 * for both signs. Shifting as unsigned gives the floor in the low word without shifting a negative number.
 */
static inline int32_t sx_multiply_q31(int32_t a, int32_t b)
{
#if SX_NARROW_MULTIPLY
    /* Four products of halves. The lower half of each sum goes on as a carry does, so that no sum passes 32 bits. */
    const int32_t a_high = a >> 16;
    const int32_t b_high = b >> 16;
    const uint32_t a_low = (uint32_t)a & 0xFFFFu;
    const uint32_t b_low = (uint32_t)b & 0xFFFFu;
    const int32_t across = a_high * (int32_t)b_low + (int32_t)((a_low * b_low) >> 16);
    const uint32_t middle = a_low * (uint32_t)b_high + ((uint32_t)across & 0xFFFFu);
    const int32_t high = a_high * b_high + (across >> 16) + (int32_t)(middle >> 16);
    /* Bits 31 and 30 of the product decide: bit 31 counts, bit 30 rounds. */
    return high * 2 + (int32_t)((((middle >> 14) & 3u) + 1u) >> 1);
#else
    const uint64_t product = (uint64_t)((int64_t)a * b);
    return (int32_t)(uint32_t)((product + ((uint64_t)1 << 30)) >> 31);
#endif
}

/** round(a / 2^exponent), ties away from zero; exponent 0..31. */
static inline int32_t sx_divide_pot(int32_t a, int32_t exponent)
{
    const uint32_t mask = ((uint32_t)1 << exponent) - 1u;
    const uint32_t rest = (uint32_t)a & mask;
    const uint32_t half = (mask >> 1) + ((a < 0) ? 1u : 0u);
    return (a >> exponent) + ((rest > half) ? 1 : 0);
}

/** a * 2^left, saturated; left 1..31. */
static inline int32_t sx_shift_left(int32_t a, int32_t left)
{
    const int32_t limit = INT32_MAX >> left;
    return (a > limit) ? INT32_MAX : (a < -limit - 1) ? INT32_MIN : (int32_t)((uint32_t)a << left);
}

/**
 * accumulator * multiplier * 2^(shift - 31) with the two roundings of TFLite: to nearest, ties up, after the multiply;
 * to nearest, ties away from zero, after the right shift. A left shift that overflows, which TFLite leaves undefined,
 * saturates: the result is far outside int8 then, and clamped to the right side.
 */
static inline int32_t sx_scale_tflite(int32_t accumulator, int32_t multiplier, int32_t shift)
{
    if (shift > 0) {
        return sx_multiply_q31(sx_shift_left(accumulator, shift), multiplier);
    }
    return sx_divide_pot(sx_multiply_q31(accumulator, multiplier), -shift);
}

/**
 * rint(float32(accumulator) * factor), ties to even, saturated at +-SX_F32_I32_LIMIT; `factor` is given as bits.
 */
static inline int32_t sx_scale_onnx(int32_t accumulator, int32_t factor)
{
    return sx_f32_to_i32(sx_f32_mul(sx_f32_from_i32(accumulator), sx_f32_from_bits(factor)));
}

/** The `tflite` rule: bit-exact to the reference kernels of TensorFlow Lite Micro. */
static inline int8_t sx_requantize_s8_tflite(int32_t accumulator, const sx_requantize_s8 *requantize, int32_t channel)
{
    const int32_t i = channel * requantize->step;
    const int32_t value = sx_scale_tflite(accumulator, requantize->multiplier[i], requantize->shift[i]);
    return sx_offset_clamp_s8(value, requantize->zero_point, requantize->minimum, requantize->maximum);
}

/** The `onnx` rule: bit-exact to float32 arithmetic with one factor, as ONNX Runtime and onnx.reference do it. */
static inline int8_t sx_requantize_s8_onnx(int32_t accumulator, const sx_requantize_s8 *requantize, int32_t channel)
{
    const int32_t i = channel * requantize->step;
    const int32_t value = sx_scale_onnx(accumulator, requantize->multiplier[i]);
    return sx_offset_clamp_s8(value, requantize->zero_point, requantize->minimum, requantize->maximum);
}

#endif
