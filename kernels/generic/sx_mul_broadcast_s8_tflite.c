/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"

static inline int32_t sx_pair_mul_tflite(const sx_add_s8 *q, int8_t a, int8_t b)
{
    return sx_scale_tflite((a - q->a_zero_point) * (b - q->b_zero_point), q->out_multiplier, q->out_shift);
}

void sx_mul_broadcast_s8_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pairs_s8_body(p, rows, out, sx_pair_mul_tflite);
}
