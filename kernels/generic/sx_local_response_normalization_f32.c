/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_local_response_normalization_f32.h"

#include "sx_elements.h"
#include "sx_math_f32.h"
#include "sx_multiply_add.h"

void sx_local_response_normalization_f32(const sx_local_response_normalization_f32_params *p, const int8_t *const rows[],
                                         int8_t *out)
{
    const int32_t channels = p->channels, before = p->before, after = p->after;
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t pixel = 0; pixel < p->pixels; ++pixel) {
        for (int32_t channel = 0; channel < channels; ++channel) {
            const int32_t first = (channel > before) ? channel - before : 0;
            const int32_t last = (channel + after < channels) ? channel + after : channels - 1;
            float squares = 0.0f;
            for (int32_t i = first; i <= last; ++i) {
                squares = sx_multiply_add(x[i], x[i], squares);
            }
            *to++ = x[channel] * sx_powf(sx_multiply_add(p->alpha, squares, p->bias), -p->beta);
        }
        x += channels;
    }
}
