/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_INVERSE_SQRT_Q31_H
#define SX_INVERSE_SQRT_Q31_H

#include <stdint.h>

#include "sx_core.h"
#include "sx_requantize.h"

/** mantissa * 2^(exponent - 31); exponent <= 0. */
typedef struct {
    int32_t mantissa;
    int32_t exponent;
} sx_scaled_q31;

/**
 * 1 / sqrt(x) of x > 0, bit-exact to TensorFlow Lite Micro; 0 is taken for 1.
 *
 * x is scaled by a power of 4 to f in [1/4, 1) as Q3.28; y = 1, and five times y = 3/2 * y - f/2 * y^3 approximates 1 / sqrt(f).
 */
static inline sx_scaled_q31 sx_inverse_sqrt_q31(int32_t x)
{
    sx_scaled_q31 result = {INT32_MAX, 0};
    if (x <= 1) {
        return result;
    }
    int32_t shift = 11;
    while (x >= (1 << 29)) {
        x >>= 2;
        ++shift;
    }
    const int32_t pairs = (sx_leading_zeros((uint32_t)x) - 1) / 2 - 1;
    shift -= pairs;
    const int32_t half = sx_divide_pot((x << (2 * pairs)) >> 1, 1);
    int32_t y = 1 << 28;
    for (int32_t step = 0; step < 5; ++step) {
        const int32_t cube = sx_shift_left(sx_multiply_q31(sx_multiply_q31(y, y), y), 6);
        y = sx_shift_left(sx_multiply_q31(3 << 27, y) - sx_multiply_q31(half, cube), 3);
    }
    result.mantissa = sx_multiply_q31(y, 1518500250); /* sqrt(1/2) */
    if (shift < 0) {
        result.mantissa *= 1 << -shift;
    } else {
        result.exponent = -shift;
    }
    return result;
}

#endif
