/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_average_pooling2d_s8.h"

#include "sx_average_pooling2d_s8_body.h"

static inline int8_t average_onnx(const sx_average_pooling2d_s8 *p, int32_t sum, int32_t count)
{
    const int32_t factor = p->factor[(count - 1) * p->factor_step];
    const int32_t value = sx_scale_onnx(sum - count * p->input_zero_point, factor);
    return sx_offset_clamp_s8(value, p->zero_point, p->minimum, p->maximum);
}

void sx_average_pooling2d_s8_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_average_pooling2d_s8_body(p, rows, out, average_onnx);
}
