/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"

static inline int32_t sx_pair_div_onnx(const sx_add_s8 *q, int8_t a, int8_t b)
{
    if (b == q->b_zero_point) {
        return (a > q->a_zero_point) ? SX_F32_I32_LIMIT : -SX_F32_I32_LIMIT;
    }
    return sx_pair_s8_float(q, a, b, sx_f32_div);
}

void sx_div_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pairs_s8_body(p, rows, out, sx_pair_div_onnx);
}
