/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"

static inline int32_t sx_pair_prelu_onnx(const sx_add_s8 *q, int8_t a, int8_t b)
{
    if (a < q->a_zero_point) {
        return sx_pair_s8_float(q, a, b, sx_f32_mul);
    }
    const sx_float32 real = sx_binary_s8_real(a, q->a_zero_point, sx_f32_from_bits(q->a_multiplier));
    return sx_f32_to_i32(sx_f32_div(real, sx_f32_from_bits(q->out_multiplier)));
}

void sx_prelu_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pairs_s8_body(p, rows, out, sx_pair_prelu_onnx);
}
