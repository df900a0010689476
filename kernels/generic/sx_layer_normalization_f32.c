/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_elements.h"
#include "sx_math_f32.h"
#include "sx_multiply_add.h"
#include "sx_normalization_f32.h"

/** The mean of a row. */
static inline float sx_mean_f32(const sx_f32 *x, int32_t depth)
{
    float sum = 0.0f;
    for (int32_t i = 0; i < depth; ++i) {
        sum += x[i];
    }
    return sum / (float)depth;
}

/** 1 / sqrt(mean of the squared differences to `mean` + epsilon). */
static inline float sx_inverse_deviation_f32(const sx_f32 *x, int32_t depth, float mean, float epsilon)
{
    float squares = 0.0f;
    for (int32_t i = 0; i < depth; ++i) {
        const float difference = x[i] - mean;
        squares = sx_multiply_add(difference, difference, squares);
    }
    return 1.0f / sx_sqrtf(squares / (float)depth + epsilon);
}

void sx_layer_normalization_f32(const sx_normalization_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->depth;
    const float *scale = p->scale;
    const float *shift = p->shift;
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t row = p->rows; row > 0; --row) {
        const float mean = (p->centred != 0) ? sx_mean_f32(x, depth) : 0.0f;
        const float factor = sx_inverse_deviation_f32(x, depth, mean, p->epsilon);
        for (int32_t i = 0; i < depth; ++i) {
            float value = (*x++ - mean) * factor;
            if (scale != NULL) {
                value *= scale[i];
            }
            *to++ = (shift != NULL) ? value + shift[i] : value;
        }
    }
}
