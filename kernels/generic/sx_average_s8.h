/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_S8_H
#define SX_AVERAGE_S8_H

#include <stdint.h>

#include "sx_average_pooling2d_s8.h"

/** From the sum and the number of a window's elements to the output before it is clamped; see sx_average_pooling2d_s8.h. */
typedef int8_t sx_average_rule(const sx_average_pooling2d_s8 *p, int32_t sum, int32_t count);

static inline int8_t sx_average_s8_tflite(const sx_average_pooling2d_s8 *p, int32_t sum, int32_t count)
{
    const int32_t half = count / 2;
    (void)p;
    return (int8_t)(((sum > 0) ? sum + half : sum - half) / count);
}

static inline int8_t sx_average_s8_onnx(const sx_average_pooling2d_s8 *p, int32_t sum, int32_t count)
{
    const int32_t factor = p->factor[(count - 1) * p->factor_step];
    const int32_t value = sx_scale_onnx(sum - count * p->input_zero_point, factor);
    return sx_offset_clamp_s8(value, p->zero_point, -128, 127);
}

#endif
