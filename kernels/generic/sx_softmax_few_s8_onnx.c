/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_port.h"
#include "sx_softmax_s8.h"
#include "sx_softmax_s8_onnx_body.h"

static SX_NOINLINE sx_float32 sx_softmax_computed_onnx(const void *parameters, int32_t difference)
{
    const sx_softmax_s8 *const p = (const sx_softmax_s8 *)parameters;
    if (p->exp_table != NULL || difference >= p->entries) {
        return sx_f32_from_bits(sx_softmax_s8_exp(p, difference));
    }
    const sx_float32 high = sx_f32_from_bits(p->powers[difference / 16 * 2]);
    const sx_float32 low = sx_f32_from_bits(p->powers[difference % 16 * 2 + 1]);
    return sx_f32_from_bits(sx_f32_to_bits(sx_f32_mul(high, low)) + p->corrections[difference]);
}

SX_SMALL void sx_softmax_few_s8_onnx(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_softmax_s8_onnx_body(p, p->rows, p->depth, p->output_scale, p->zero_point, rows[0], out, sx_softmax_computed_onnx);
}
