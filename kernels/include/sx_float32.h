/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_FLOAT32_H
#define SX_FLOAT32_H

#include <stdint.h>

#include "sx_core.h"

/**
 * The few float32 operations of the `onnx` kernels, with the same result on every core.
 *
 * With an FPU, or on a hosted machine, sx_float32 is `float`; compile with -ffp-contract=off, because a fused multiply-add
 * rounds once where the rule says twice. Without an FPU (or with -DSX_SOFT_FLOAT=1) sx_float32 is the bits of a float32 and
 * the operations are integer code: no call of a compiler's float helper.
 *
 * Both round to nearest, ties to even. The integer code is exact for operands that are zero or normal numbers.
 * Operands and results below the normal range (2^-126) become zero there, results above it infinity; infinities and NaN
 * are no valid operands. A constant below the normal range must therefore be written as zero.
 */
#ifndef SX_SOFT_FLOAT
#if defined(__arm__) && !defined(__ARM_FP)
#define SX_SOFT_FLOAT 1
#elif defined(__arm__)
#define SX_SOFT_FLOAT ((__ARM_FP & 4) == 0)
#elif defined(__FLT_EVAL_METHOD__)
#define SX_SOFT_FLOAT (__FLT_EVAL_METHOD__ != 0)
#else
#define SX_SOFT_FLOAT 0
#endif
#endif

/** Where sx_f32_to_i32() saturates, at least: far outside int8, and small enough for the rounding trick. */
#define SX_F32_I32_LIMIT 1048576

#if SX_SOFT_FLOAT

typedef uint32_t sx_float32;

#define SX_F32_SIGN 0x80000000u
#define SX_F32_INFINITY 0x7F800000u

/** The number with the given bits. Tables and parameters hold float32 constants as bits in an int32_t. */
static inline sx_float32 sx_f32_from_bits(int32_t bits)
{
    return (uint32_t)bits;
}

static inline int32_t sx_f32_to_bits(sx_float32 a)
{
    return (int32_t)a;
}

static inline int32_t sx_f32_exponent(sx_float32 a)
{
    return (int32_t)((a >> 23) & 0xFFu);
}

/** The 24-bit significand of a normal number, leading one included. */
static inline uint32_t sx_f32_significand(sx_float32 a)
{
    return (a & 0x007FFFFFu) | 0x00800000u;
}

/**
 * Round to 24 bits and pack. The magnitude is m * 2^(exponent - 127 - 31); m >= 2^31, and its bit 0 is also set when
 * anything below it was lost.
 */
static inline sx_float32 sx_f32_pack(uint32_t sign, int32_t exponent, uint32_t m)
{
    const uint32_t rest = m & 0xFFu;
    uint32_t q = m >> 8;
    if (exponent <= 0) {
        return sign;
    }
    if (rest > 0x80u || (rest == 0x80u && (q & 1u) != 0u)) {
        ++q;
    }
    if (exponent + (int32_t)(q >> 24) >= 255) {
        return sign | SX_F32_INFINITY;
    }
    /* Adding instead of or-ing lets a carry out of the significand increment the exponent. */
    return sign | ((((uint32_t)exponent - 1u) << 23) + q);
}

/** Shift m != 0 left until its bit 31 is set, then round and pack. */
static inline sx_float32 sx_f32_normalize(uint32_t sign, int32_t exponent, uint32_t m)
{
    while ((m & SX_F32_SIGN) == 0u) {
        m <<= 1;
        --exponent;
    }
    return sx_f32_pack(sign, exponent, m);
}

static inline sx_float32 sx_f32_from_i32(int32_t a)
{
    const uint32_t sign = (uint32_t)a & SX_F32_SIGN;
    const uint32_t m = (sign != 0u) ? 0u - (uint32_t)a : (uint32_t)a;
    if (m == 0u) {
        return 0u;
    }
    const int32_t zeros = sx_leading_zeros(m);
    return sx_f32_pack(sign, 127 + 31 - zeros, m << zeros);
}

static inline sx_float32 sx_f32_mul(sx_float32 a, sx_float32 b)
{
    const uint32_t sign = (a ^ b) & SX_F32_SIGN;
    const int32_t ea = sx_f32_exponent(a);
    const int32_t eb = sx_f32_exponent(b);
    if (ea == 0 || eb == 0) {
        return sign;
    }
    const uint32_t significand_a = sx_f32_significand(a);
    const uint32_t significand_b = sx_f32_significand(b);
    /* Of the 48 bits of the product the 32 leading ones, and whether any of the others is set. */
#if SX_NARROW_MULTIPLY
    const uint32_t a_low = significand_a & 0xFFFFu;
    const uint32_t b_low = significand_b & 0xFFFFu;
    const uint32_t a_high = significand_a >> 16;
    const uint32_t b_high = significand_b >> 16;
    const uint32_t low = a_low * b_low;
    const uint32_t top = ((a_high * b_high) << 16) + a_high * b_low + a_low * b_high + (low >> 16);
    const uint32_t rest = low & 0xFFFFu;
#else
    const uint64_t product = (uint64_t)significand_a * significand_b;
    const uint32_t top = (uint32_t)(product >> 16);
    const uint32_t rest = (uint32_t)product & 0xFFFFu;
#endif
    return sx_f32_normalize(sign, ea + eb - 126, top | ((rest != 0u) ? 1u : 0u));
}

static inline sx_float32 sx_f32_div(sx_float32 a, sx_float32 b)
{
    const uint32_t sign = (a ^ b) & SX_F32_SIGN;
    const int32_t ea = sx_f32_exponent(a);
    const uint32_t divisor = sx_f32_significand(b);
    uint32_t rest = sx_f32_significand(a);
    uint32_t quotient = 0u;
    if (ea == 0) {
        return sign;
    }
    /* 27 bits: at least 25 are significant, i.e. 24 and the one that decides the rounding. */
    for (int32_t i = 0; i < 27; ++i) {
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1u;
        }
        rest <<= 1;
    }
    const uint32_t lost = (rest != 0u) ? 1u : 0u;
    return sx_f32_normalize(sign, ea - sx_f32_exponent(b) + 127, (quotient << 5) | lost);
}

static inline sx_float32 sx_f32_add(sx_float32 a, sx_float32 b)
{
    const sx_float32 large = ((a << 1) >= (b << 1)) ? a : b;
    const sx_float32 small = a ^ b ^ large;
    const uint32_t sign = large & SX_F32_SIGN;
    const int32_t exponent = sx_f32_exponent(large);
    const int32_t distance = exponent - sx_f32_exponent(small);
    if (sx_f32_exponent(small) == 0) {
        return (exponent == 0) ? (a & b & SX_F32_SIGN) : large;
    }
    /* Leading ones in bit 30 leave room for a carry; the seven bits below the significand keep what rounding needs. */
    const uint32_t m = sx_f32_significand(large) << 7;
    uint32_t addend = sx_f32_significand(small) << 7;
    if (distance > 31) {
        addend = 1u;
    } else if (distance > 0) {
        const uint32_t lost = ((addend << (32 - distance)) != 0u) ? 1u : 0u;
        addend = (addend >> distance) | lost;
    }
    const uint32_t sum = (((a ^ b) & SX_F32_SIGN) != 0u) ? m - addend : m + addend;
    return (sum == 0u) ? 0u : sx_f32_normalize(sign, exponent + 1, sum);
}

static inline sx_float32 sx_f32_sub(sx_float32 a, sx_float32 b)
{
    return sx_f32_add(a, b ^ SX_F32_SIGN);
}

/** Round to the nearest integer, ties to even; saturates at +-SX_F32_I32_LIMIT. */
static inline int32_t sx_f32_to_i32(sx_float32 a)
{
    const int32_t exponent = sx_f32_exponent(a);
    int32_t magnitude = 0;
    if (exponent >= 127 + 20) {
        magnitude = SX_F32_I32_LIMIT;
    } else if (exponent >= 126) {
        const uint32_t m = sx_f32_significand(a);
        const uint32_t drop = (uint32_t)(127 + 23 - exponent);
        const uint32_t rest = m << (32u - drop);
        const uint32_t q = m >> drop;
        const uint32_t up = (rest > SX_F32_SIGN || (rest == SX_F32_SIGN && (q & 1u) != 0u)) ? 1u : 0u;
        magnitude = (int32_t)(q + up);
    }
    return ((a & SX_F32_SIGN) != 0u) ? -magnitude : magnitude;
}

#else

typedef float sx_float32;

typedef union {
    int32_t bits;
    float value;
} sx_f32_bits;

/** The number with the given bits. Tables and parameters hold float32 constants as bits in an int32_t. */
static inline sx_float32 sx_f32_from_bits(int32_t bits)
{
    const sx_f32_bits a = {.bits = bits};
    return a.value;
}

static inline int32_t sx_f32_to_bits(sx_float32 a)
{
    const sx_f32_bits number = {.value = a};
    return number.bits;
}

static inline sx_float32 sx_f32_from_i32(int32_t a)
{
    return (float)a;
}

static inline sx_float32 sx_f32_mul(sx_float32 a, sx_float32 b)
{
    return a * b;
}

static inline sx_float32 sx_f32_div(sx_float32 a, sx_float32 b)
{
    return a / b;
}

static inline sx_float32 sx_f32_add(sx_float32 a, sx_float32 b)
{
    return a + b;
}

static inline sx_float32 sx_f32_sub(sx_float32 a, sx_float32 b)
{
    return a - b;
}

/** Round to the nearest integer, ties to even; saturates at +-SX_F32_I32_LIMIT or, with an instruction for it, beyond. */
#if defined(__arm__)
static inline int32_t sx_f32_to_i32(sx_float32 a)
{
    sx_f32_bits rounded;
    /* As FPSCR says: to the nearest, ties to even, unless an application changes it, which changes all of C's float arithmetic. */
    __asm__("vcvtr.s32.f32 %[r], %[a]" : [r] "=t"(rounded.value) : [a] "t"(a));
    return rounded.bits;
}
#else
static inline int32_t sx_f32_to_i32(sx_float32 a)
{
    const float limit = (float)SX_F32_I32_LIMIT;
    const float clamped = (a > limit) ? limit : (a < -limit) ? -limit : a;
    /* Around 1.5 * 2^23 the spacing of float32 is 1: the addition rounds, and the low bits are the integer. */
    const sx_f32_bits shifted = {.value = clamped + 12582912.0f};
    return shifted.bits - 0x4B400000;
}
#endif

#endif

#endif
