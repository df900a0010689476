/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_along.h"
#include "sx_elements.h"

void sx_cumulative_sum_f32(const sx_along_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t step = p->is_reverse ? -p->inner : p->inner;
    const int32_t first = p->is_reverse ? (p->dim - 1) * p->inner : 0;
    for (int32_t outer = 0; outer < p->outer; ++outer) {
        const int32_t start = outer * p->dim * p->inner + first;
        for (int32_t inner = 0; inner < p->inner; ++inner) {
            const sx_f32 *x = (const sx_f32 *)(const void *)rows[0] + start + inner;
            sx_f32 *y = (sx_f32 *)(void *)out + start + inner;
            float sum = 0.0f;
            for (int32_t k = 0; k < p->dim; ++k) {
                const float before = sum;
                sum += *x;
                *y = p->is_exclusive ? before : sum;
                x += step;
                y += step;
            }
        }
    }
}
