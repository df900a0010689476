/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CORE_H
#define SX_CORE_H

#include <stdint.h>

/**
 * Whether to do without 64-bit products: on Armv6-M, which has no instruction for them, or with -DSX_NARROW_MULTIPLY=1.
 * Results are the same.
 */
#ifndef SX_NARROW_MULTIPLY
#if defined(__ARM_ARCH_ISA_THUMB)
#define SX_NARROW_MULTIPLY (__ARM_ARCH_ISA_THUMB == 1)
#else
#define SX_NARROW_MULTIPLY 0
#endif
#endif

/** The number of zeros above the highest one of m != 0. Without an instruction for it no compiler's helper is called. */
static inline int32_t sx_leading_zeros(uint32_t m)
{
#if defined(__ARM_FEATURE_CLZ)
    return __builtin_clz(m);
#else
    int32_t zeros = 0;
    for (int32_t half = 16; half > 0; half >>= 1) {
        if ((m >> (32 - half)) == 0u) {
            m <<= half;
            zeros += half;
        }
    }
    return zeros;
#endif
}

#endif
