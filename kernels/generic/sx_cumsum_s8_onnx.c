/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cumsum_s8_body.h"

static inline int32_t sx_cumsum_scale_onnx(const sx_cumsum_s8 *q, int32_t sum)
{
    return sx_scale_onnx(sum, q->multiplier);
}

void sx_cumsum_s8_onnx(const sx_cumsum_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_cumsum_s8_body(p, rows, out, sx_cumsum_scale_onnx);
}
