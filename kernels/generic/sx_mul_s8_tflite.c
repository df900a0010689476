/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_mul_s8.h"

void sx_mul_s8_tflite(const sx_mul_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_mul_s8 q = *p;
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    for (int32_t i = 0; i < q.size; ++i) {
        const int32_t product = (*a++ - q.a_zero_point) * (*b++ - q.b_zero_point);
        const int32_t value = sx_scale_tflite(product, q.out_multiplier, q.out_shift);
        *out++ = sx_offset_clamp_s8(value, q.out_zero_point, q.minimum, q.maximum);
    }
}
