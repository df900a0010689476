/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv2d_s16x8.h"

void sx_fully_connected_s16x8_tflite(const sx_fully_connected_s16x8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_s16 *x = (const sx_s16 *)(const void *)rows[0];
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t o = 0; o < p->out_features; ++o) {
            const int64_t sum = sx_dot_s16x8(x, p->weights + o * p->in_features, 1, p->in_features);
            *y++ = sx_requantize_s16_of(sum, &p->requantize, o);
        }
        x += p->in_features;
    }
}
