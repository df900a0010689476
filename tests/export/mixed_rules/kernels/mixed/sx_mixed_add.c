/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_mixed.h"

void sx_mixed_add(const sx_mixed *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *a = (const sx_f32 *)(const void *)rows[0];
    const sx_f32 *b = (const sx_f32 *)(const void *)rows[1];
    sx_f32 *y = (sx_f32 *)(void *)out;
    for (int32_t i = 0; i < p->size; ++i) {
        y[i] = a[i] + b[i];
    }
}
