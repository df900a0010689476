/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"

static inline int32_t sx_pair_sub_tflite(const sx_add_s8 *q, int8_t a, int8_t b)
{
    const int32_t left = sx_sum_s8_operand(a, q->a_zero_point, q->a_multiplier, q->a_shift);
    const int32_t right = sx_sum_s8_operand(b, q->b_zero_point, q->b_multiplier, q->b_shift);
    return sx_scale_tflite(left - right, q->out_multiplier, q->out_shift);
}

void sx_sub_broadcast_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    if (p->scales.is_fixed != 0) {
        sx_pairs_s8_body(p, rows, out, sx_pair_s8_fixed);
    } else {
        sx_pairs_s8_body(p, rows, out, sx_pair_sub_tflite);
    }
}
