/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MULTIPLY_ADD_H
#define SX_MULTIPLY_ADD_H

/**
 * sum + a * b, rounded once where the core has an instruction for it, else twice.
 *
 * Kernels are compiled with -ffp-contract=off, so that this is the only place where products and sums are fused: float32
 * kernels promise a tolerance, not bits.
 */
static inline float sx_multiply_add(float a, float b, float sum)
{
#if defined(__ARM_FEATURE_FMA) && defined(__clang__)
#if __has_builtin(__builtin_elementwise_fma)
    return __builtin_elementwise_fma(a, b, sum);
#elif defined(__arm__)
    /* Clang before 16, whose __builtin_fmaf is a call of the C library. */
    __asm__("vfma.f32 %0, %1, %2" : "+t"(sum) : "t"(a), "t"(b));
    return sum;
#else
    return __builtin_fmaf(a, b, sum);
#endif
#elif defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, sum);
#else
    return sum + a * b;
#endif
}

#endif
