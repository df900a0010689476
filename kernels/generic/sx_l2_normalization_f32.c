/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_math_f32.h"
#include "sx_multiply_add.h"
#include "sx_normalization_f32.h"

void sx_l2_normalization_f32(const sx_normalization_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->depth;
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t row = p->rows; row > 0; --row) {
        float sum = 0.0f;
        for (int32_t i = 0; i < depth; ++i) {
            sum = sx_multiply_add(x[i], x[i], sum);
        }
        const float factor = 1.0f / sx_sqrtf((sum < p->epsilon) ? p->epsilon : sum);
        for (int32_t i = 0; i < depth; ++i) {
            *to++ = *x++ * factor;
        }
    }
}
