/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_lp_pooling2d_f32.h"

#include <stddef.h>

#include "sx_math_f32.h"
#include "sx_multiply_add.h"
#include "sx_pooling2d_f32_body.h"

/** The sum of |x|^power over a window in one channel. */
static float sx_lp_pooling2d_f32_sum(const sx_lp_pooling2d_f32_params *p, const int8_t *const rows[],
                                     sx_pooling2d_f32_columns columns)
{
    float sum = 0.0f;
    for (int32_t ky = 0; ky < p->window.kernel_height; ++ky) {
        const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky];
        for (int32_t i = 0; i < columns.count && x != NULL; ++i) {
            const float magnitude = sx_fabsf(x[columns.offset + i * columns.step]);
            if (p->power == 2) {
                sum = sx_multiply_add(magnitude, magnitude, sum);
            } else {
                sum += (p->power == 1) ? magnitude : sx_powf(magnitude, (float)p->power);
            }
        }
    }
    return sum;
}

static float sx_lp_root(float sum, int32_t power)
{
    if (power == 1) {
        return sum;
    }
    return (power == 2) ? sx_sqrtf(sum) : sx_powf(sum, 1.0f / (float)power);
}

void sx_lp_pooling2d_f32(const sx_lp_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t out_x = 0; out_x < p->window.out_width; ++out_x) {
        sx_pooling2d_f32_columns columns = sx_pooling2d_f32_columns_of(&p->window, out_x);
        for (int32_t channel = 0; channel < p->window.channels; ++channel) {
            *to++ = sx_clamp_f32(sx_lp_root(sx_lp_pooling2d_f32_sum(p, rows, columns), p->power), &p->window.limits);
            columns.offset += 1;
        }
    }
}
