/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SOFTMAX_S8_TFLITE_BODY_H
#define SX_SOFTMAX_S8_TFLITE_BODY_H

#include <stdint.h>

#include "sx_maximum_s8.h"
#include "sx_requantize.h"

/** Type of what gives the exponential of a difference to the maximum, Q31; kernels give it as a constant argument. */
typedef int32_t sx_softmax_exponential(const void *p, int32_t difference);

/** Type of sx_multiply_q31; likewise. */
typedef int32_t sx_multiply(int32_t a, int32_t b);

/** mantissa / 2^(bits + 31) = 2^19 / sum. */
typedef struct {
    int32_t mantissa; /* Q31, at least 1/2 */
    int32_t bits;     /* integer bits of the sum, 0..12 */
} sx_softmax_inverse;

/**
 * 1 / (1 + f) in Q31 for 0 <= f < 1 in Q31, with h = (1 + f) / 2 in Q31: x = 48/17 + -32/17 * h approximates 1 / h for
 * 1/2 <= h <= 1, and x += x * (1 - h * x) doubles its good bits three times. x and 1 - h * x are Q2.29.
 */
static inline int32_t sx_softmax_reciprocal(int32_t f, sx_multiply *multiply)
{
    const int32_t h = (int32_t)(((uint32_t)f + 0x80000000u) >> 1); /* (f + 1 - 2^-31) / 2, the half rounded up */
    int32_t x = 1515870810 + multiply(-1010580540, h);
    for (int32_t step = 0; step < 3; ++step) {
        const int32_t error = (1 << 29) - multiply(x, h);
        x += 4 * multiply(error, x);
    }
    return (x > 0x3FFFFFFF) ? INT32_MAX : 2 * x;
}

/** The inverse of a sum in Q12.19, 2^19 <= sum < 2^31. */
static inline sx_softmax_inverse sx_softmax_invert(uint32_t sum, sx_multiply *multiply)
{
    const int32_t zeros = sx_leading_zeros(sum);
    sum <<= zeros;
    const sx_softmax_inverse result = {sx_softmax_reciprocal((int32_t)(sum - 0x80000000u), multiply), 12 - zeros};
    return result;
}

/** round(a / 2^exponent), ties up, for what is not negative; exponent 1..31. */
static inline uint32_t sx_softmax_divide(int32_t a, int32_t exponent)
{
    return ((uint32_t)a + ((uint32_t)1 << (exponent - 1))) >> exponent;
}

/** See sx_softmax_s8.h. */
static inline void sx_softmax_s8_tflite_body(const void *p, int32_t rows, int32_t depth, const int8_t *x, int8_t *out,
                                             sx_softmax_exponential *exponential, sx_multiply *multiply)
{
    const int8_t *const end = x + rows * depth;
    while (x != end) {
        const int32_t largest = sx_maximum_s8(x, depth);
        uint32_t sum = 0u;
        for (int32_t i = 0; i < depth; ++i) {
            sum += sx_softmax_divide(exponential(p, largest - x[i]), 12);
        }
        const sx_softmax_inverse scale = sx_softmax_invert(sum, multiply);
        const int32_t exponent = scale.bits + 23;
        for (int32_t i = 0; i < depth; ++i) {
            const int32_t share = multiply(exponential(p, largest - x[i]), scale.mantissa);
            /* A shift beyond 31 bits leaves less than half a step. */
            const uint32_t value = (exponent > 31) ? 0u : sx_softmax_divide(share, exponent);
            out[i] = (int8_t)(((value < 255u) ? (int32_t)value : 255) - 128);
        }
        x += depth;
        out += depth;
    }
}

#endif
