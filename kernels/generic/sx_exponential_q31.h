/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_EXPONENTIAL_Q31_H
#define SX_EXPONENTIAL_Q31_H

#include <stdint.h>

#include "sx_port.h"
#include "sx_requantize.h"

#define SX_QUARTER_Q26 (1 << 24)

/** One copy for all products of a kernel. */
static SX_NOINLINE int32_t sx_multiply_q31_shared(int32_t a, int32_t b)
{
    return sx_multiply_q31(a, b);
}

/** exp(x - 1/8) of a Q31 number x in [-1/8, 1/8): exp(-1/8) * (1 + x + x^2/2 + x^3/6 + x^4/24). */
static inline int32_t sx_exponential_last_quarter(int32_t x)
{
    const int32_t magnitude = (x < 0) ? -x : x;
    const int32_t x2 = sx_multiply_q31_shared(magnitude, magnitude);
    const int32_t x3 = sx_multiply_q31_shared(x, x2);
    const int32_t x4 = sx_multiply_q31_shared(x2, x2);
    const int32_t cubic_and_up = sx_multiply_q31_shared(((x4 + 2) >> 2) + x3, 715827883); /* a third */
    const int32_t series = x + ((cubic_and_up + x2 + 1) >> 1); /* |x^3| <= x^2 / 8: nothing negative is halved */
    return 1895147668 + sx_multiply_q31_shared(series, 1895147668); /* exp(-1/8) */
}

/**
 * exp(a) as Q31 of a Q5.26 number a <= 0, bit-exact to TensorFlow Lite Micro; INT32_MAX for 0.
 *
 * a is r less a sum of powers of two from 1/4 up, -1/4 <= r < 0. A Taylor series around -1/8 gives exp(r), and each power 2^k takes
 * one factor exp(-2^k).
 */
static inline int32_t sx_exponential_q31(int32_t a)
{
    static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    if (a == 0) {
        return INT32_MAX;
    }
    const int32_t remainder = (int32_t)((uint32_t)a & (SX_QUARTER_Q26 - 1)) - SX_QUARTER_Q26;
    const uint32_t quarters = ((uint32_t)remainder - (uint32_t)a) / SX_QUARTER_Q26;
    int32_t result = sx_exponential_last_quarter(remainder * 32 + (1 << 28));
    for (int32_t k = 0; k < 7; ++k) {
        result = ((quarters >> k & 1u) != 0u) ? sx_multiply_q31_shared(result, factors[k]) : result;
    }
    return result;
}

#endif
