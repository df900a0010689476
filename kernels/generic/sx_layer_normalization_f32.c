/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_elements.h"
#include "sx_math_f32.h"
#include "sx_multiply_add.h"
#include "sx_normalization_f32.h"

void sx_layer_normalization_f32(const sx_normalization_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t row = 0; row < p->rows; ++row) {
        float sum = 0.0f;
        float squares = 0.0f;
        for (int32_t i = 0; i < p->depth && p->centred != 0; ++i) {
            sum += x[i];
        }
        const float mean = sum / (float)p->depth;
        for (int32_t i = 0; i < p->depth; ++i) {
            const float difference = x[i] - mean;
            squares = sx_multiply_add(difference, difference, squares);
        }
        const float factor = 1.0f / sx_sqrtf(squares / (float)p->depth + p->epsilon);
        for (int32_t i = 0; i < p->depth; ++i) {
            const float scale = (p->scale != NULL) ? p->scale[i] : 1.0f;
            const float shift = (p->shift != NULL) ? p->shift[i] : 0.0f;
            *to++ = sx_multiply_add((*x++ - mean) * factor, scale, shift);
        }
    }
}
