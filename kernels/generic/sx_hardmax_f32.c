/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_largest_f32.h"
#include "sx_softmax_f32.h"

void sx_hardmax_f32(const sx_softmax_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->depth;
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t row = p->rows; row > 0; --row) {
        const int32_t at = sx_largest_f32(x, depth);
        for (int32_t i = 0; i < depth; ++i) {
            *to++ = (i == at) ? 1.0f : 0.0f;
        }
        x += depth;
    }
}
