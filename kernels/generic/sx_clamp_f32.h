/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CLAMP_F32_H
#define SX_CLAMP_F32_H

/** The limits of an activation at the end of a kernel; infinite where there is none. */
typedef struct {
    float minimum, maximum;
} sx_limits_f32;

/** The value within the limits; NaN stays NaN. */
static inline float sx_clamp_f32(float value, const sx_limits_f32 *limits)
{
    const float low = limits->minimum;
    const float high = limits->maximum;
    const float raised = (value < low) ? low : value;
    return (raised > high) ? high : raised;
}

/** The larger of two numbers; when one of them is NaN, any of both. */
static inline float sx_larger_f32(float a, float b)
{
#if defined(__ARM_FEATURE_NUMERIC_MAXMIN)
    return __builtin_fmaxf(a, b);
#else
    return (a < b) ? b : a;
#endif
}

#endif
