/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_rsqrt_s16.h"

#include "sx_elements.h"
#include "sx_inverse_sqrt_q31.h"

#define SX_RSQRT_S16_FRACTION 20

void sx_rsqrt_s16_tflite(const sx_rsqrt_s16 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_rsqrt_s16 q = *p;
    const sx_s16 *const x = (const sx_s16 *)(const void *)rows[0];
    sx_s16 *const y = (sx_s16 *)(void *)out;
    for (int32_t i = 0; i < q.size; ++i) {
        int32_t value = 32767;
        if (x[i] > 0) {
            const sx_scaled_q31 inverse = sx_inverse_sqrt_q31(x[i]);
            const int32_t root = sx_scale_tflite(1, inverse.mantissa, inverse.exponent + SX_RSQRT_S16_FRACTION);
            const int32_t scaled = sx_scale_tflite(root, q.multiplier, q.shift);
            value = (scaled < value) ? scaled : value;
        }
        y[i] = (int16_t)value;
    }
}
