/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MVE_H
#define SX_MVE_H

/** Whether the core has MVE, integer and float; where not, the kernels are plain C with the same results. */
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 3) == 3
#define SX_HAS_MVE 1
#include <arm_mve.h>
#else
#define SX_HAS_MVE 0
#endif

/** Before a loop that is rarely run, or short: keeps the compiler from unrolling and vectorising it. */
#if defined(__clang__)
#define SX_SMALL_LOOP _Pragma("clang loop vectorize(disable) unroll(disable)")
#elif defined(__GNUC__)
#define SX_SMALL_LOOP _Pragma("GCC unroll 1")
#else
#define SX_SMALL_LOOP
#endif

#endif
