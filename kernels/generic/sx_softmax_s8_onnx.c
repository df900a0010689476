/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_s8.h"

#include "sx_maximum_s8.h"

void sx_softmax_s8_onnx(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->depth;
    const int32_t zero_point = p->zero_point;
    const sx_float32 scale = sx_f32_from_bits(p->output_scale);
    const int8_t *x = rows[0];
    const int8_t *const end = x + p->rows * depth;
    while (x != end) {
        const int32_t largest = sx_maximum_s8(x, depth);
        sx_float32 sum = sx_f32_from_bits(0);
        for (int32_t i = 0; i < depth; ++i) {
            sum = sx_f32_add(sum, sx_f32_from_bits(sx_softmax_s8_exp(p, largest - x[i])));
        }
        for (int32_t i = 0; i < depth; ++i) {
            const sx_float32 share = sx_f32_div(sx_f32_from_bits(sx_softmax_s8_exp(p, largest - x[i])), sum);
            out[i] = sx_offset_clamp_s8(sx_f32_to_i32(sx_f32_div(share, scale)), zero_point, -128, 127);
        }
        x += depth;
        out += depth;
    }
}
