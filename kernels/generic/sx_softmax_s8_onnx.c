/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_s8.h"

#include "sx_softmax_s8_onnx_body.h"

static inline sx_float32 sx_softmax_stored_onnx(const void *p, int32_t difference)
{
    return sx_f32_from_bits(sx_softmax_s8_exp((const sx_softmax_s8 *)p, difference));
}

void sx_softmax_s8_onnx(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_softmax_s8_onnx_body(p, p->rows, p->depth, p->output_scale, p->zero_point, rows[0], out, sx_softmax_stored_onnx);
}
