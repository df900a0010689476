/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s16_body.h"

static inline int32_t sx_pair_sub_s16(const sx_add_s8 *q, int32_t a, int32_t b)
{
    const int32_t left = sx_pair_s16_scaled(a, 15, q->a_multiplier, q->a_shift);
    const int32_t right = sx_pair_s16_scaled(b, 15, q->b_multiplier, q->b_shift);
    return sx_scale_tflite(left - right, q->out_multiplier, q->out_shift);
}

void sx_sub_s16_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pairs_s16_body(p, rows, out, sx_pair_sub_s16);
}
