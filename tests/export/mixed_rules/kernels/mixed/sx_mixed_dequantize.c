/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_mixed.h"

void sx_mixed_dequantize(const sx_mixed *p, const int8_t *const rows[], int8_t *out)
{
    sx_f32 *y = (sx_f32 *)(void *)out;
    for (int32_t i = 0; i < p->size; ++i) {
        y[i] = (float)(rows[0][i] - p->zero_point) * p->scale;
    }
}
