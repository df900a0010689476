/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_mixed.h"

void sx_mixed_lengthen(const sx_mixed *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_s64 *y = (sx_s64 *)(void *)out;
    for (int32_t i = 0; i < p->size; ++i) {
        y[i] = (int32_t)x[i];
    }
}
