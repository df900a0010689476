/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_rescale_body.h"

static inline int32_t sx_rescale_rule_onnx(const sx_rescale *q, int32_t x)
{
    const sx_float32 real = sx_f32_mul(sx_f32_from_i32(x), sx_f32_from_bits(q->multiplier));
    return sx_f32_to_i32(sx_f32_div(real, sx_f32_from_bits(q->negative_multiplier)));
}

void sx_rescale_onnx(const sx_rescale *p, const int8_t *const rows[], int8_t *out)
{
    sx_rescale_body(p, rows, out, sx_rescale_rule_onnx);
}
