/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"
#include "sx_softmax_s8_tflite_body.h"

static inline int32_t sx_pair_div_tflite(const sx_add_s8 *q, int8_t a, int8_t b)
{
    int32_t x = a - q->a_zero_point;
    int32_t y = b - q->b_zero_point;
    if (y == 0) {
        return (x > 0) ? SX_F32_I32_LIMIT : -SX_F32_I32_LIMIT;
    }
    if (x == 0) {
        return 0;
    }
    if (y < 0) {
        x = -x;
        y = -y;
    }
    const int32_t zeros = sx_leading_zeros((uint32_t)y);
    const int32_t fraction = (int32_t)(((uint32_t)y << zeros) - 0x80000000u);
    const int32_t inverse = sx_softmax_reciprocal(fraction, sx_multiply_q31);
    const int32_t magnitude = (x < 0) ? ~x : x;
    const int32_t headroom = (magnitude == 0) ? 31 : sx_leading_zeros((uint32_t)magnitude) - 1;
    const int32_t quotient = sx_multiply_q31((int32_t)((uint32_t)x << headroom), inverse);
    const int32_t shift = q->out_shift - (31 - zeros) - headroom;
    return (shift < -31) ? 0 : sx_scale_tflite(quotient, q->out_multiplier, shift);
}

void sx_div_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pairs_s8_body(p, rows, out, sx_pair_div_tflite);
}
