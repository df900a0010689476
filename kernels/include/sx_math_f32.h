/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MATH_F32_H
#define SX_MATH_F32_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The functions of C's <math.h> on float32, without a C library: the same bits from every compiler and on every core.
 *
 * Only IEEE 754 additions, products and divisions of float32 are used, each rounded to the nearest: compile with
 * -ffp-contract=off, and leave the FPU's rounding mode and flush-to-zero as they are after reset. Subnormal arguments and
 * results are exact to the same bounds, nothing is flushed. Infinities and NaN are treated as by C's annex F; no flag is
 * looked at. Errors in ulp (units in the last place), as tests/kernels/test_kernel_math.py holds them:
 *
 *     0.5  sqrt, floor, ceil, rint, trunc, fmod (correctly rounded)
 *     1    exp, log
 *     1.5  tanh, log1p, erf, acos, pow
 *     2    atan, expm1, softplus, asinh, acosh
 *     2.5  sigmoid, sinh, cosh, atanh, asin, atan2
 *     3    sin, cos
 *     5    tan, erfc
 *
 * Reductions are those of W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980, unless said otherwise.
 * The polynomials are least squares at Chebyshev nodes, reweighted towards the least maximum (Lawson's method), the
 * coefficients rounded to float32 one after the other from the lowest on.
 */

#include "sx_core.h"

typedef union {
    uint32_t bits;
    float value;
} sx_float_bits;

#define SX_HALF_PI 0x1.921fb6p0f
#define SX_HALF_PI_LOW (-0x1.777a5cp-25f)
#define SX_LN2_HIGH 0x1.62e4p-1f
#define SX_LN2_LOW 0x1.7f7d1cp-20f

static inline uint32_t sx_bits_of(float x)
{
    const sx_float_bits a = {.value = x};
    return a.bits;
}

static inline float sx_of_bits(uint32_t bits)
{
    const sx_float_bits a = {.bits = bits};
    return a.value;
}

static inline float sx_infinity(void)
{
    return sx_of_bits(0x7F800000u);
}

static inline float sx_nan(void)
{
    return sx_of_bits(0x7FC00000u);
}

static inline bool sx_is_nan(float x)
{
    return x != x;
}

/** |x|, also of NaN. */
static inline float sx_fabsf(float x)
{
    return sx_of_bits(sx_bits_of(x) & 0x7FFFFFFFu);
}

/** |x| with the sign of `sign`. */
static inline float sx_copysignf(float x, float sign)
{
    return sx_of_bits((sx_bits_of(x) & 0x7FFFFFFFu) | (sx_bits_of(sign) & 0x80000000u));
}

/** The nearest integer of |x| < 2^22, halves to the even one: around 1.5 * 2^23 the spacing of float32 is 1. */
static inline float sx_round_small(float x)
{
    return (x + 12582912.0f) - 12582912.0f;
}

/** x with the lower 12 bits of its significand cut off: products of two such numbers are exact. */
static inline float sx_upper_half(float x)
{
    return sx_of_bits(sx_bits_of(x) & 0xFFFFF000u);
}

/** x * 2^n for 2^-1 <= |x| <= 2 and -252 <= n <= 254; subnormal results are rounded once, or twice in the last place. */
static inline float sx_scale_by_power(float x, int32_t n)
{
    const int32_t half = n >> 1;
    return x * sx_of_bits((uint32_t)(half + 127) << 23) * sx_of_bits((uint32_t)(n - half + 127) << 23);
}

/* Rounding to integers. */

/** The nearest integer, halves to the even one; the sign of 0 is that of x. */
static inline float sx_rintf(float x)
{
    const float magnitude = sx_fabsf(x);
    /* From 2^23 on every number is an integer; NaN stays. */
    return (magnitude < 8388608.0f) ? sx_copysignf((magnitude + 8388608.0f) - 8388608.0f, x) : x;
}

static inline float sx_truncf(float x)
{
    return (sx_fabsf(x) < 8388608.0f) ? sx_copysignf((float)(int32_t)x, x) : x;
}

static inline float sx_floorf(float x)
{
    const float whole = sx_truncf(x);
    return (whole > x) ? whole - 1.0f : whole;
}

static inline float sx_ceilf(float x)
{
    const float whole = sx_truncf(x);
    return (whole < x) ? sx_copysignf(whole + 1.0f, x) : whole;
}

/** The significand of x != 0 as an integer, and the exponent so that |x| = significand * 2^(exponent - 150). */
static inline uint32_t sx_significand(float x, int32_t *exponent)
{
    const uint32_t bits = sx_bits_of(x) & 0x7FFFFFFFu;
    if (bits >= 0x00800000u) {
        *exponent = (int32_t)(bits >> 23);
        return (bits & 0x007FFFFFu) | 0x00800000u;
    }
    const int32_t zeros = sx_leading_zeros(bits) - 8;
    *exponent = 1 - zeros;
    return bits << zeros;
}

/** The remainder of x / y with the sign of x, exact: long division of the significands. */
static inline float sx_fmodf(float x, float y)
{
    const float divisor = sx_fabsf(y);
    if (!(sx_fabsf(x) < sx_infinity()) || !(divisor > 0.0f)) {
        return sx_nan();
    }
    if (sx_fabsf(x) < divisor) {
        return x;
    }
    int32_t exponent = 0;
    int32_t last = 0;
    uint32_t rest = sx_significand(x, &exponent);
    const uint32_t m = sx_significand(y, &last);
    for (; exponent > last; --exponent) {
        rest = ((rest >= m) ? rest - m : rest) << 1;
    }
    rest = (rest >= m) ? rest - m : rest;
    if (rest == 0u) {
        return sx_copysignf(0.0f, x);
    }
    const int32_t zeros = sx_leading_zeros(rest) - 8;
    const uint32_t bits = (exponent > zeros) ? (rest << zeros) + ((uint32_t)(exponent - zeros - 1) << 23)
                                             : (exponent > 0) ? rest << (exponent - 1) : rest >> (1 - exponent);
    return sx_copysignf(sx_of_bits(bits), x);
}

/* Square root. */

/** sqrt(x), correctly rounded: the instruction, or bit by bit (W. Kahan's and K. C. Ng's method). */
static inline float sx_sqrtf(float x)
{
#if defined(__arm__) && defined(__ARM_FP)
    float root;
    __asm__("vsqrt.f32 %[root], %[x]" : [root] "=t"(root) : [x] "t"(x));
    return root;
#else
    if (!(x > 0.0f) || x == sx_infinity()) {
        return (x < 0.0f) ? sx_nan() : x;
    }
    int32_t exponent = 0;
    uint32_t rest = sx_significand(x, &exponent);
    exponent -= 127;
    rest <<= ((uint32_t)exponent & 1u) + 1u;
    uint32_t root = 0u;
    uint32_t sum = 0u;
    for (uint32_t bit = 0x01000000u; bit != 0u; bit >>= 1) {
        if (sum + bit <= rest) {
            sum += 2u * bit;
            rest -= sum - bit;
            root += bit;
        }
        rest <<= 1;
    }
    root += (rest != 0u) ? (root & 1u) : 0u;
    return sx_of_bits((root >> 1) + ((uint32_t)((exponent >> 1) + 126) << 23));
#endif
}

/* Exponentials and logarithms. */

/** exp(high + low) for |high| < 120 and |low| far below 1: 2^n * exp(r) with n = round(high / ln 2). */
static inline float sx_exp_of_sum(float high, float low)
{
    const float n = sx_round_small(high * 0x1.715476p0f);
    const float r = ((high - n * SX_LN2_HIGH) - n * SX_LN2_LOW) + low;
    float p = 0x1.a24712p-13f;
    p = p * r + 0x1.6d528p-10f;
    p = p * r + 0x1.111002p-7f;
    p = p * r + 0x1.5554e4p-5f;
    p = p * r + 0x1.555556p-3f;
    p = p * r + 0.5f;
    return sx_scale_by_power(1.0f + (r + r * r * p), (int32_t)n);
}

static inline float sx_expf(float x)
{
    if (!(x < 89.0f)) {
        return x + sx_infinity();
    }
    return (x < -104.0f) ? 0.0f : sx_exp_of_sum(x, 0.0f);
}

/** exp(x) - 1. */
static inline float sx_expm1f(float x)
{
    if (sx_fabsf(x) < 0.5f) {
        float p = 0x1.a27938p-13f;
        p = p * x + 0x1.6f47d2p-10f;
        p = p * x + 0x1.110fecp-7f;
        p = p * x + 0x1.5551c2p-5f;
        p = p * x + 0x1.555556p-3f;
        p = p * x + 0x1.000002p-1f;
        return sx_copysignf(x + x * x * p, x);
    }
    return sx_expf(x) - 1.0f;
}

/** x > 0 and finite as (1 + f) * 2^k with sqrt(1/2) <= 1 + f < sqrt(2); gives f, which is exact. */
static inline float sx_split_power(float x, int32_t *k)
{
    int32_t below = 0;
    if (x < 0x1p-126f) {
        x *= 0x1p23f;
        below = -23;
    }
    const uint32_t bits = sx_bits_of(x);
    const uint32_t power = (bits - 0x3F3504F3u) & 0xFF800000u;
    *k = below + (int32_t)power / 0x00800000;
    return sx_of_bits(bits - power) - 1.0f;
}

static inline float sx_logf(float x)
{
    if (!(x > 0.0f)) {
        return (x == 0.0f) ? -sx_infinity() : sx_nan();
    }
    if (x == sx_infinity()) {
        return x;
    }
    int32_t k = 0;
    const float f = sx_split_power(x, &k);
    float p = 0x1.14760cp-4f;
    p = p * f - 0x1.de02bcp-4f;
    p = p * f + 0x1.e6bf3ap-4f;
    p = p * f - 0x1.fc2886p-4f;
    p = p * f + 0x1.233ba8p-3f;
    p = p * f - 0x1.555c46p-3f;
    p = p * f + 0x1.99a476p-3f;
    p = p * f - 0x1.000006p-2f;
    p = p * f + 0x1.555548p-2f;
    const float square = f * f;
    const float power = (float)k;
    return power * SX_LN2_HIGH + (f + (power * SX_LN2_LOW + (square * f * p - 0.5f * square)));
}

/** log(1 + x): what rounding 1 + x lost is added again (W. Kahan). */
static inline float sx_log1pf(float x)
{
    const float u = 1.0f + x;
    if (u == 1.0f || u == sx_infinity()) {
        return x;
    }
    const float lost = (x < 1.0f) ? x - (u - 1.0f) : 1.0f - (u - x);
    return (u == 0.0f) ? -sx_infinity() : sx_logf(u) + lost / u;
}

/** log(1 + exp(x)). */
static inline float sx_softplusf(float x)
{
    return (x > 0.0f) ? x + sx_log1pf(sx_expf(-x)) : sx_log1pf(sx_expf(x));
}

/** 1 / (1 + exp(-x)); no intermediate result overflows. */
static inline float sx_sigmoidf(float x)
{
    const float e = sx_expf(-sx_fabsf(x));
    return ((x < 0.0f) ? e : 1.0f) / (1.0f + e);
}

/**
 * log(x) of a finite x > 0 as a sum *high + *low with an error below 2^-30 of it: log(1 + f) = 2 atanh(s), s = f / (2 + f), where
 * s is a sum of two numbers, the first of 12 bits (as in FDLIBM's pow).
 */
static inline void sx_log_as_sum(float x, float *high, float *low)
{
    int32_t k = 0;
    const float f = sx_split_power(x, &k);
    const float d = 2.0f + f;
    const float d_high = sx_upper_half(d);
    const float d_low = f - (d_high - 2.0f);
    const float s_high = sx_upper_half(f / d);
    const float s_low = ((f - s_high * d_high) - s_high * d_low) / d;
    const float s = s_high + s_low;
    const float z = s * s;
    float q = 0x1.f13d38p-3f;
    q = q * z + 0x1.23d3dcp-2f;
    q = q * z + 0x1.999c26p-2f;
    q = q * z + 0x1.555554p-1f;
    const float a = (float)k * SX_LN2_HIGH;
    const float b = 2.0f * s_high;
    const float sum = a + b;
    /* |a| > |b|, or a is 0: the error of the sum is exact (T. J. Dekker). */
    const float rest = (b - (sum - a)) + ((float)k * SX_LN2_LOW + (2.0f * s_low + s * z * q));
    *high = sum + rest;
    *low = rest - (*high - sum);
}

/** x to the power of y, for x > 0. */
static inline float sx_pow_positive(float x, float y)
{
    if (x == 1.0f || x == sx_infinity()) {
        return (x == 1.0f || y == 0.0f) ? 1.0f : (y < 0.0f) ? 0.0f : x;
    }
    float high;
    float low;
    sx_log_as_sum(x, &high, &low);
    const float product = y * high;
    if (!(sx_fabsf(product) < 105.0f)) {
        return (product > 0.0f) ? sx_infinity() : 0.0f;
    }
    const float y_high = sx_upper_half(y);
    const float y_low = y - y_high;
    const float high_high = sx_upper_half(high);
    const float high_low = high - high_high;
    const float lost = ((y_high * high_high - product) + y_high * high_low + y_low * high_high) + y_low * high_low;
    return sx_exp_of_sum(product, lost + y * low);
}

/** x to the power of y: exp(y * log(x)), with log(x) to some 30 bits. */
static inline float sx_powf(float x, float y)
{
    if (y == 2.0f) {
        return x * x;
    }
    if (y == 0.0f || x == 1.0f) {
        return 1.0f;
    }
    if (sx_is_nan(x) || sx_is_nan(y)) {
        return sx_nan();
    }
    const bool is_integer = sx_truncf(y) == y;
    const bool is_odd = is_integer && sx_truncf(0.5f * y) != 0.5f * y;
    const float sign = is_odd ? x : 1.0f;
    const float magnitude = sx_fabsf(x);
    if (magnitude == 0.0f) {
        return sx_copysignf((y < 0.0f) ? sx_infinity() : 0.0f, sign);
    }
    if (x < 0.0f && !is_integer && magnitude < sx_infinity()) {
        return sx_nan();
    }
    return sx_copysignf(sx_pow_positive(magnitude, y), sign);
}

/* Hyperbolic functions. */

static inline float sx_tanhf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude < 0.625f) {
        const float z = x * x;
        float p = -0x1.7643fep-8f;
        p = p * z + 0x1.5241d8p-6f;
        p = p * z - 0x1.b84182p-5f;
        p = p * z + 0x1.110758p-3f;
        p = p * z - 0x1.555534p-2f;
        return sx_copysignf(x + x * z * p, x);
    }
    return sx_copysignf(1.0f - 2.0f / (sx_expf(2.0f * magnitude) + 1.0f), x);
}

static inline float sx_coshf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude > 88.0f) {
        const float root = sx_expf(0.5f * magnitude);
        return (0.5f * root) * root;
    }
    const float e = sx_expf(magnitude);
    return 0.5f * e + 0.5f / e;
}

static inline float sx_sinhf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude < 1.0f) {
        const float z = x * x;
        float p = 0x1.75ed6p-19f;
        p = p * z + 0x1.a01fccp-13f;
        p = p * z + 0x1.1110e4p-7f;
        p = p * z + 0x1.555556p-3f;
        return x + x * z * p;
    }
    if (magnitude > 88.0f) {
        return sx_copysignf(sx_coshf(x), x);
    }
    const float e = sx_expf(magnitude);
    return sx_copysignf(0.5f * e - 0.5f / e, x);
}

static inline float sx_asinhf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude > 0x1p28f) {
        return sx_copysignf(sx_logf(magnitude) + 0x1.62e43p-1f, x);
    }
    const float square = magnitude * magnitude;
    return sx_copysignf(sx_log1pf(magnitude + square / (1.0f + sx_sqrtf(1.0f + square))), x);
}

static inline float sx_acoshf(float x)
{
    if (x > 0x1p28f) {
        return sx_logf(x) + 0x1.62e43p-1f;
    }
    const float t = x - 1.0f;
    return (t < 0.0f) ? sx_nan() : sx_log1pf(t + sx_sqrtf(2.0f * t + t * t));
}

static inline float sx_atanhf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude > 1.0f) {
        return sx_nan();
    }
    return sx_copysignf(0.5f * sx_log1pf((magnitude + magnitude) / (1.0f - magnitude)), x);
}

/* Trigonometric functions. */

/** An angle less the nearest multiple of pi / 2. */
typedef struct {
    float rest;       /* |rest| <= pi / 4, nearly */
    uint32_t quarter; /* the multiple, modulo 4 */
} sx_angle;

/**
 * The reduction of any finite |x| >= 2^-7: its significand times those bits of 2 / pi that decide the quarter and the rest
 * (M. H. Payne and R. N. Hanek, Radian reduction for trigonometric functions, 1983).
 */
static inline sx_angle sx_reduce_large(float x)
{
    /* 32 zeros, then the bits of 2 / pi. */
    static const uint32_t two_by_pi[8] = {0u,          0xA2F9836Eu, 0x4E441529u, 0xFC2757D1u,
                                          0xF534DDC0u, 0xDB629599u, 0x3C439041u, 0xFE5163ABu};
    int32_t exponent = 0;
    const uint32_t m = sx_significand(x, &exponent);
    const uint32_t first = (uint32_t)(exponent - 150 + 30);
    const uint32_t *const word = two_by_pi + (first >> 5);
    const uint32_t shift = first & 31u;
    uint32_t window[3];
    for (int32_t i = 0; i < 3; ++i) {
        window[i] = (shift == 0u) ? word[i] : word[i] << shift | word[i + 1] >> (32u - shift);
    }
    /* m * window modulo 2^96; the upper two bits are the quarter, the others a binary fraction of it. */
    const uint64_t low = (uint64_t)m * window[2];
    const uint64_t middle = (uint64_t)m * window[1] + (low >> 32);
    const uint32_t top = m * window[0] + (uint32_t)(middle >> 32);
    const uint32_t fraction = top << 2 | (uint32_t)middle >> 30;
    const uint32_t below = (uint32_t)middle << 2 | (uint32_t)low >> 30;
    /* The nearest quarter: a fraction from 1/2 on belongs to the next one, less 1. */
    const float rest = (float)(int32_t)fraction * 0x1p-32f + (float)below * 0x1p-64f;
    const bool is_negative = (sx_bits_of(x) >> 31) != 0u;
    const uint32_t quarter = (top >> 30) + (fraction >> 31);
    const sx_angle angle = {is_negative ? -rest * SX_HALF_PI : rest * SX_HALF_PI, is_negative ? 0u - quarter : quarter};
    return angle;
}

/** The reduction of a finite x. */
static inline sx_angle sx_reduce_angle(float x)
{
    if (sx_fabsf(x) > 2000.0f) {
        return sx_reduce_large(x);
    }
    if (sx_fabsf(x) < 0.78f) {
        const sx_angle same = {x, 0u};
        return same;
    }
    /* pi / 2 in four parts, the first three so short that their products with n are exact. */
    const float n = sx_round_small(x * 0x1.45f306p-1f);
    const float rest = (((x - n * 0x1.922p0f) - n * -0x1.2aep-18f) - n * -0x1.deap-31f) - n * 0x1.1846ap-44f;
    const sx_angle angle = {rest, (uint32_t)(int32_t)n};
    return angle;
}

static inline float sx_sin_small(float r)
{
    const float z = r * r;
    float p = 0x1.7ccf12p-19f;
    p = p * z - 0x1.a05ba8p-13f;
    p = p * z + 0x1.111176p-7f;
    p = p * z - 0x1.555556p-3f;
    return sx_copysignf(r + r * z * p, r);
}

static inline float sx_cos_small(float r)
{
    const float z = r * r;
    float p = -0x1.371b94p-22f;
    p = p * z + 0x1.a075d6p-16f;
    p = p * z - 0x1.6c1762p-10f;
    p = p * z + 0x1.555556p-5f;
    return 1.0f - (0.5f * z - z * z * p);
}

/** The sine of x + quarters * pi / 2; NaN of an infinite x. */
static inline float sx_sin_shifted(float x, uint32_t quarters)
{
    if (!(sx_fabsf(x) < sx_infinity())) {
        return sx_nan();
    }
    const sx_angle angle = sx_reduce_angle(x);
    const uint32_t quarter = angle.quarter + quarters;
    const float value = ((quarter & 1u) != 0u) ? sx_cos_small(angle.rest) : sx_sin_small(angle.rest);
    return ((quarter & 2u) != 0u) ? -value : value;
}

static inline float sx_sinf(float x)
{
    return sx_sin_shifted(x, 0u);
}

static inline float sx_cosf(float x)
{
    return sx_sin_shifted(x, 1u);
}

static inline float sx_tanf(float x)
{
    if (!(sx_fabsf(x) < sx_infinity())) {
        return sx_nan();
    }
    const sx_angle angle = sx_reduce_angle(x);
    const float sine = sx_sin_small(angle.rest);
    const float cosine = sx_cos_small(angle.rest);
    return ((angle.quarter & 1u) != 0u) ? -cosine / sine : sine / cosine;
}

/** (asin(x) - x) / x for |x| <= 1/2, by z = x * x. */
static inline float sx_asin_excess(float z)
{
    float p = 0x1.34661ep-5f;
    p = p * z + 0x1.d61234p-7f;
    p = p * z + 0x1.04c5dep-5f;
    p = p * z + 0x1.6ca876p-5f;
    p = p * z + 0x1.3338a8p-4f;
    p = p * z + 0x1.55554cp-3f;
    return z * p;
}

/** Above 1/2: pi / 2 - 2 asin(sqrt((1 - x) / 2)). */
static inline float sx_asinf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude > 1.0f) {
        return sx_nan();
    }
    if (magnitude <= 0.5f) {
        return x + x * sx_asin_excess(x * x);
    }
    const float z = 0.5f * (1.0f - magnitude);
    const float root = sx_sqrtf(z);
    const float complement = 2.0f * (root + root * sx_asin_excess(z));
    return sx_copysignf(SX_HALF_PI - (complement - SX_HALF_PI_LOW), x);
}

static inline float sx_acosf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude > 1.0f) {
        return sx_nan();
    }
    if (magnitude <= 0.5f) {
        return SX_HALF_PI - (x + (x * sx_asin_excess(x * x) - SX_HALF_PI_LOW));
    }
    const float z = 0.5f * (1.0f - magnitude);
    const float root = sx_sqrtf(z);
    const float angle = 2.0f * (root + root * sx_asin_excess(z));
    return (x < 0.0f) ? 2.0f * SX_HALF_PI - (angle - 2.0f * SX_HALF_PI_LOW) : angle;
}

/** Reduced by atan(x) = pi / 2 - atan(1 / x) and pi / 4 + atan((x - 1) / (x + 1)) to |x| <= tan(pi / 8). */
static inline float sx_atanf(float x)
{
    float r = sx_fabsf(x);
    float offset = 0.0f;
    float offset_low = 0.0f;
    if (r > 0x1.3504f4p1f) {
        r = -1.0f / r;
        offset = SX_HALF_PI;
        offset_low = SX_HALF_PI_LOW;
    } else if (r > 0x1.a8279ap-2f) {
        r = (r - 1.0f) / (r + 1.0f);
        offset = 0.5f * SX_HALF_PI;
        offset_low = 0.5f * SX_HALF_PI_LOW;
    }
    const float z = r * r;
    float p = -0x1.f2f048p-5f;
    p = p * z + 0x1.b226d8p-4f;
    p = p * z - 0x1.23b9dp-3f;
    p = p * z + 0x1.9991e4p-3f;
    p = p * z - 0x1.55554ap-2f;
    return sx_copysignf(offset + (r + (r * z * p + offset_low)), x);
}

/** The angle of the point (x, y). */
static inline float sx_atan2f(float y, float x)
{
    if (sx_is_nan(x) || sx_is_nan(y)) {
        return sx_nan();
    }
    const float width = sx_fabsf(x);
    const float height = sx_fabsf(y);
    const bool is_left = (sx_bits_of(x) >> 31) != 0u;
    float angle = (height == 0.0f) ? 0.0f : SX_HALF_PI;
    if (width == height && height != 0.0f) {
        angle = 0.5f * SX_HALF_PI;
    } else if (width != 0.0f) {
        angle = sx_atanf(height / width);
    }
    return sx_copysignf(is_left ? 2.0f * SX_HALF_PI - (angle - 2.0f * SX_HALF_PI_LOW) : angle, y);
}

/* The error function. */

/** 1 - erf(x) for x >= 0.9: exp(-x^2) times a polynomial in 1 / (x + 2), with x^2 as a sum of two numbers, the first exact. */
static inline float sx_erfc_tail(float x)
{
    if (x > 10.1f) {
        return 0.0f;
    }
    const float t = 1.0f / (x + 2.0f);
    float p = -0x1.18ca58p5f;
    p = p * t + 0x1.5197f2p6f;
    p = p * t - 0x1.274478p6f;
    p = p * t + 0x1.80914ep4f;
    p = p * t - 0x1.743c86p1f;
    p = p * t + 0x1.d56f48p1f;
    p = p * t + 0x1.e3db4ap0f;
    p = p * t + 0x1.223d54p0f;
    p = p * t + 0x1.20c3c6p-1f;
    p = p * t + 0x1.a3c984p-19f;
    const float high = sx_upper_half(x);
    return sx_exp_of_sum(-high * high, (high - x) * (high + x)) * p;
}

/** erf(x) for |x| < 0.92. */
static inline float sx_erf_small(float x)
{
    const float z = x * x;
    float p = 0x1.609022p-14f;
    p = p * z - 0x1.ab46c2p-11f;
    p = p * z + 0x1.54e0eep-8f;
    p = p * z - 0x1.b81042p-6f;
    p = p * z + 0x1.ce2e08p-4f;
    p = p * z - 0x1.812742p-2f;
    p = p * z + 0x1.06eba8p-3f;
    return x + x * p;
}

static inline float sx_erff(float x)
{
    const float magnitude = sx_fabsf(x);
    return (magnitude < 0.9f) ? sx_erf_small(x) : sx_is_nan(x) ? x : sx_copysignf(1.0f - sx_erfc_tail(magnitude), x);
}

/** 1 - erf(x), without cancellation. */
static inline float sx_erfcf(float x)
{
    const float magnitude = sx_fabsf(x);
    if (magnitude < 0.9f || sx_is_nan(x)) {
        return 1.0f - sx_erf_small(x);
    }
    return (x < 0.0f) ? 2.0f - sx_erfc_tail(magnitude) : sx_erfc_tail(magnitude);
}

#endif
