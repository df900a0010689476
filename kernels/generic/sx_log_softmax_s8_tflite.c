/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_log_softmax_s8.h"

#include "sx_core.h"
#include "sx_maximum_s8.h"
#include "sx_requantize.h"
#include "sx_softmax_s8_tflite_body.h"

/**
 * log(x) of a Q12.19 number x >= 1, as Q5.26: a rational function of the one of two mantissas that is nearer to sqrt(sqrt(1/2)), and
 * a multiple of log(2). Powers are Q6.25, the rest is Q31.
 */
static inline int32_t sx_log_softmax_log(int32_t x)
{
    const int32_t half = 1518500250;   /* sqrt(1/2) */
    const int32_t middle = 1805811301; /* sqrt(sqrt(1/2)) */
    const int32_t headroom = sx_leading_zeros((uint32_t)x) - 1;
    const int32_t scaled = sx_multiply_q31(x << headroom, half);
    const int32_t first = (scaled > INT32_MAX / 2) ? INT32_MAX : scaled * 2;
    const int32_t first_power = (11 - headroom) * (1 << 25) + (1 << 23);
    const int32_t other = sx_leading_zeros((uint32_t)sx_multiply_q31(x, half)) - 1;
    const int32_t second = (x > (INT32_MAX >> other)) ? INT32_MAX : x << other;
    const int32_t second_power = (12 - other) * (1 << 25) - (1 << 23);
    const int32_t mantissa = (first < second) ? first : second;
    const int32_t power = (first_power > second_power) ? first_power : second_power;
    const int32_t p = (int32_t)(((uint32_t)mantissa + (uint32_t)middle + 1u) >> 1);
    const int32_t q = 2 * (mantissa - middle);
    const int32_t magnitude = (q < 0) ? -q : q;
    const int32_t square = sx_multiply_q31(magnitude, magnitude);
    const int32_t cubic = sx_multiply_q31(sx_multiply_q31(q, square), 117049297);
    const int32_t numerator = sx_multiply_q31(q, mantissa) + cubic;
    const int32_t factor = 1057819769 + q + sx_multiply_q31(square, 127690142);
    const int32_t denominator = sx_multiply_q31(factor, p) + sx_multiply_q31(q, 638450708);
    const int32_t inverse = sx_softmax_reciprocal(denominator, sx_multiply_q31);
    const int32_t fraction = sx_multiply_q31(sx_divide_pot(numerator, 6), inverse);
    return sx_shift_left(sx_multiply_q31(power, 1488522236) + fraction, 1);
}

void sx_log_softmax_s8_tflite(const sx_log_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_log_softmax_s8 q = *p;
    const int8_t *x = rows[0];
    for (int32_t row = 0; row < q.rows; ++row) {
        const int32_t largest = sx_maximum_s8(x, q.depth);
        int32_t sum = 0;
        for (int32_t i = 0; i < q.depth; ++i) {
            const int32_t distance = largest - x[i];
            sum += (distance < q.entries) ? q.exp_table[distance] : 0;
        }
        const int32_t log_sum = sx_log_softmax_log(sum);
        const int32_t least = sx_scale_tflite(log_sum + INT32_MIN, q.inverse_multiplier, q.inverse_shift);
        const int32_t limit = (least > -q.radius - 1) ? least : -q.radius - 1;
        for (int32_t i = 0; i < q.depth; ++i) {
            const int32_t difference = x[i] - largest;
            int32_t value = -255;
            if (difference > limit) {
                value = sx_divide_pot(sx_scale_tflite(difference, q.multiplier, q.shift) - log_sum, 22);
            }
            out[i] = sx_offset_clamp_s8(value, 127, -128, 127);
        }
        x += q.depth;
        out += q.depth;
    }
}
