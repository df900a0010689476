/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CLAMP_F32_H
#define SX_CLAMP_F32_H

/* FPv5 has instructions for the larger and the smaller of two numbers: the FPUs of Armv8-M, and of Armv7E-M those that know
 * double precision. GCC does not define the macro of the ACLE for all of them. */
#if defined(__ARM_FEATURE_NUMERIC_MAXMIN) || (defined(__ARM_ARCH_8M_MAIN__) && defined(__ARM_FP)) || \
    (defined(__ARM_ARCH_7EM__) && defined(__ARM_FP) && (__ARM_FP & 8) != 0)
#define SX_HAS_MAXIMUM_F32 1
#else
#define SX_HAS_MAXIMUM_F32 0
#endif

/** The limits of an activation at the end of a kernel; NaN where there is none. */
typedef struct {
    float minimum, maximum;
} sx_limits_f32;

/** The larger of two numbers; when one of them is NaN, any of both. */
static inline float sx_larger_f32(float a, float b)
{
#if SX_HAS_MAXIMUM_F32
    return __builtin_fmaxf(a, b);
#else
    return (a < b) ? b : a;
#endif
}

/** The smaller of two numbers; when one of them is NaN, any of both. */
static inline float sx_smaller_f32(float a, float b)
{
#if SX_HAS_MAXIMUM_F32
    return __builtin_fminf(a, b);
#else
    return (b < a) ? b : a;
#endif
}

/** The value within the limits. NaN stays NaN where there are none; else it may become a limit. */
static inline float sx_clamp_f32(float value, const sx_limits_f32 *limits)
{
    return sx_smaller_f32(sx_larger_f32(value, limits->minimum), limits->maximum);
}

#endif
