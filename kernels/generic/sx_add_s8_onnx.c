/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_add_s8.h"

static inline sx_f32 real(int8_t x, int32_t zero_point, sx_f32 scale)
{
    return sx_f32_mul(sx_f32_from_i32(x - zero_point), scale);
}

void sx_add_s8_onnx(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_add_s8 q = *p;
    const sx_f32 a_scale = sx_f32_from_bits(q.a_multiplier);
    const sx_f32 b_scale = sx_f32_from_bits(q.b_multiplier);
    const sx_f32 out_scale = sx_f32_from_bits(q.out_multiplier);
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    for (int32_t i = 0; i < q.size; ++i) {
        const sx_f32 z = sx_f32_add(real(*a++, q.a_zero_point, a_scale), real(*b++, q.b_zero_point, b_scale));
        const int32_t value = sx_f32_to_i32(sx_f32_div(z, out_scale));
        *out++ = sx_offset_clamp_s8(value, q.out_zero_point, q.minimum, q.maximum);
    }
}
