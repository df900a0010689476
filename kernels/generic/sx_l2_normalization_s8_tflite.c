/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_l2_normalization_s8.h"

#include "sx_inverse_sqrt_q31.h"

void sx_l2_normalization_s8_tflite(const sx_l2_normalization_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->depth;
    const int32_t zero = p->input_zero_point;
    const int8_t *x = rows[0];
    for (int32_t row = 0; row < p->rows; ++row) {
        int32_t sum = 0;
        for (int32_t i = 0; i < depth; ++i) {
            sum += (x[i] - zero) * (x[i] - zero);
        }
        const sx_scaled_q31 inverse = sx_inverse_sqrt_q31(sum);
        for (int32_t i = 0; i < depth; ++i) {
            const int32_t value = sx_scale_tflite(x[i] - zero, inverse.mantissa, inverse.exponent + 7);
            out[i] = sx_offset_clamp_s8(value, 0, -128, 127);
        }
        x += depth;
        out += depth;
    }
}
