/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_mixed.h"

void sx_mixed_quantize(const sx_mixed *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    for (int32_t i = 0; i < p->size; ++i) {
        /* 1.5 * 2^23 has no room for halves. */
        const float steps = (x[i] / p->scale + 12582912.0f) - 12582912.0f;
        const int32_t q = (int32_t)steps + p->zero_point;
        out[i] = (int8_t)((q < -128) ? -128 : (q > 127) ? 127 : q);
    }
}
