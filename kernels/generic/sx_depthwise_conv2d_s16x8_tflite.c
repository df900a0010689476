/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv2d_s16x8.h"

void sx_depthwise_conv2d_s16x8_tflite(const sx_depthwise_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t multiplier = p->out_channels / p->in_channels;
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t x = 0; x < p->out_width; ++x) {
        const int32_t first = x * p->stride_width - p->pad_left;
        for (int32_t o = 0; o < p->out_channels; ++o) {
            const int8_t *w = p->weights + o;
            int64_t sum = 0;
            for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
                const sx_s16 *const row = (const sx_s16 *)(const void *)rows[ky];
                for (int32_t kx = 0; kx < p->kernel_width; ++kx) {
                    const int32_t column = first + kx * p->dilation_width;
                    if (row != NULL && column >= 0 && column < p->in_width) {
                        sum += row[column * p->in_channels + o / multiplier] * *w;
                    }
                    w += p->out_channels;
                }
            }
            *y++ = sx_requantize_s16_of(sum, &p->requantize, o);
        }
    }
}
