/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_scatter_elements.h"

#include "sx_scatter_elements_body.h"

static float joined(int32_t scattering, float x, float update)
{
    switch (scattering) {
    case SX_SCATTER_ADD:
        return x + update;
    case SX_SCATTER_MULTIPLY:
        return x * update;
    case SX_SCATTER_MINIMUM:
        return (update < x) ? update : x;
    default:
        return (update > x) ? update : x;
    }
}

void sx_scatter_elements_f32(const sx_scatter_elements *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    const sx_f32 *updates = (const sx_f32 *)(const void *)rows[2];
    sx_f32 *y = (sx_f32 *)(void *)out;
    for (int32_t i = 0; i < p->elements; ++i) {
        y[i] = x[i];
    }
    for (int32_t k = 0; k < p->updates; ++k) {
        const int32_t place = sx_scatter_place(p, rows[1], k);
        if (place >= 0) {
            y[place] = joined(p->scattering, y[place], updates[k]);
        }
    }
}
