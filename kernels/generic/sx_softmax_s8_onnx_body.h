/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SOFTMAX_S8_ONNX_BODY_H
#define SX_SOFTMAX_S8_ONNX_BODY_H

#include <stdint.h>

#include "sx_maximum_s8.h"
#include "sx_requantize.h"

/** Type of what gives the exponential of a difference to the maximum; kernels give it as a constant argument. */
typedef sx_float32 sx_softmax_float_exponential(const void *p, int32_t difference);

/** See sx_softmax_s8.h; the scale as bits. */
static inline void sx_softmax_s8_onnx_body(const void *p, int32_t rows, int32_t depth, int32_t output_scale, int32_t zero_point,
                                           const int8_t *x, int8_t *out, sx_softmax_float_exponential *exponential)
{
    const sx_float32 scale = sx_f32_from_bits(output_scale);
    const int8_t *const end = x + rows * depth;
    while (x != end) {
        const int32_t largest = sx_maximum_s8(x, depth);
        sx_float32 sum = sx_f32_from_bits(0);
        for (int32_t i = 0; i < depth; ++i) {
            sum = sx_f32_add(sum, exponential(p, largest - x[i]));
        }
        for (int32_t i = 0; i < depth; ++i) {
            const sx_float32 share = sx_f32_div(exponential(p, largest - x[i]), sum);
            out[i] = sx_offset_clamp_s8(sx_f32_to_i32(sx_f32_div(share, scale)), zero_point, -128, 127);
        }
        x += depth;
        out += depth;
    }
}

#endif
