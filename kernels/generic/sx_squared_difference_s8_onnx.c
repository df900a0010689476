/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pairs_s8_body.h"

static inline sx_float32 sx_squared_difference(sx_float32 a, sx_float32 b)
{
    const sx_float32 difference = sx_f32_sub(a, b);
    return sx_f32_mul(difference, difference);
}

static inline int32_t sx_pair_squared_difference_onnx(const sx_add_s8 *q, int8_t a, int8_t b)
{
    return sx_pair_s8_float(q, a, b, sx_squared_difference);
}

void sx_squared_difference_s8_onnx(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pairs_s8_body(p, rows, out, sx_pair_squared_difference_onnx);
}
