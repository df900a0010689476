/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_s8.h"

#include "sx_maximum_s8.h"

/** mantissa / 2^(bits + 31) = 2^19 / sum. */
typedef struct {
    int32_t mantissa; /* Q31, at least 1/2 */
    int32_t bits;     /* integer bits of the sum, 0..12 */
} inverse;

/**
 * 1 / (1 + f) in Q31 for 0 <= f < 1 in Q31, with h = (1 + f) / 2 in Q31: x = 48/17 + -32/17 * h approximates 1 / h for
 * 1/2 <= h <= 1, and x += x * (1 - h * x) doubles its good bits three times. x and 1 - h * x are Q2.29.
 */
static inline int32_t reciprocal(int32_t f)
{
    const int32_t h = (int32_t)(((uint32_t)f + 0x80000000u) >> 1); /* (f + 1 - 2^-31) / 2, the half rounded up */
    int32_t x = 1515870810 + sx_multiply_q31(-1010580540, h);
    for (int32_t step = 0; step < 3; ++step) {
        const int32_t error = (1 << 29) - sx_multiply_q31(x, h);
        x += 4 * sx_multiply_q31(error, x);
    }
    return (x > 0x3FFFFFFF) ? INT32_MAX : 2 * x;
}

/** The inverse of a sum in Q12.19, 2^19 <= sum < 2^31. */
static inline inverse invert(uint32_t sum)
{
    int32_t zeros = 0;
    while ((sum & 0x80000000u) == 0u) {
        sum <<= 1;
        ++zeros;
    }
    const inverse result = {reciprocal((int32_t)(sum - 0x80000000u)), 12 - zeros};
    return result;
}

/** round(a / 2^exponent), ties up, for what is not negative; exponent 1..31. */
static inline uint32_t divide(int32_t a, int32_t exponent)
{
    return ((uint32_t)a + ((uint32_t)1 << (exponent - 1))) >> exponent;
}

void sx_softmax_s8_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->depth;
    const int8_t *x = rows[0];
    const int8_t *const end = x + p->rows * depth;
    while (x != end) {
        const int32_t largest = sx_maximum_s8(x, depth);
        uint32_t sum = 0u;
        for (int32_t i = 0; i < depth; ++i) {
            sum += divide(sx_softmax_s8_exp(p, largest - x[i]), 12);
        }
        const inverse scale = invert(sum);
        const int32_t exponent = scale.bits + 23;
        for (int32_t i = 0; i < depth; ++i) {
            const int32_t share = sx_multiply_q31(sx_softmax_s8_exp(p, largest - x[i]), scale.mantissa);
            /* A shift beyond 31 bits leaves less than half a step. */
            const uint32_t value = (exponent > 31) ? 0u : divide(share, exponent);
            out[i] = (int8_t)(((value < 255u) ? (int32_t)value : 255) - 128);
        }
        x += depth;
        out += depth;
    }
}
