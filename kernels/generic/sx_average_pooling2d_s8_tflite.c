/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_average_pooling2d_s8.h"

#include "sx_average_pooling2d_s8_body.h"

static inline int8_t average_tflite(const sx_average_pooling2d_s8 *p, int32_t sum, int32_t count)
{
    const int32_t half = (sum > 0) ? count / 2 : -(count / 2);
    return sx_offset_clamp_s8((sum + half) / count, 0, p->minimum, p->maximum);
}

void sx_average_pooling2d_s8_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_average_pooling2d_s8_body(p, rows, out, average_tflite);
}
