/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_F32_BODY_H
#define SX_DEPTHWISE_CONV2D_F32_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_columns.h"
#include "sx_depthwise_conv2d_f32.h"
#include "sx_elements.h"
#include "sx_multiply_add.h"

/**
 * Four channels of a pixel. `offset` in each row and `w` in the weights belong to the first kernel column inside the row,
 * `count` columns are inside. Never inline: the loop wants all registers of the core.
 */
__attribute__((noinline)) static void sx_depthwise_conv2d_f32_sums4(float sums[4],
                                                                    const sx_depthwise_conv2d_f32_params *p,
                                                                    const int8_t *const rows[], int32_t offset,
                                                                    const float *w, int32_t count)
{
    const int32_t channels = p->channels;
    const int32_t x_step = p->dilation_width * channels;
    const int32_t w_row = p->kernel_width * channels;
    const int8_t *const *const end = rows + p->kernel_height;
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    for (; rows != end; ++rows) {
        if (*rows != NULL) {
            const sx_f32 *x = (const sx_f32 *)(const void *)*rows + offset;
            const float *w_column = w;
            for (int32_t i = count; i > 0; --i) {
                a = sx_multiply_add(x[0], w_column[0], a);
                b = sx_multiply_add(x[1], w_column[1], b);
                c = sx_multiply_add(x[2], w_column[2], c);
                d = sx_multiply_add(x[3], w_column[3], d);
                x += x_step;
                w_column += channels;
            }
        }
        w += w_row;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/** As sx_depthwise_conv2d_f32_sums4, for one channel. */
static inline float sx_depthwise_conv2d_f32_sum(float sum, const sx_depthwise_conv2d_f32_params *p,
                                                const int8_t *const rows[], int32_t offset, const float *w, int32_t count)
{
    const int32_t channels = p->channels;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        for (int32_t i = 0; i < count && rows[ky] != NULL; ++i) {
            const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky];
            sum = sx_multiply_add(x[offset + i * p->dilation_width * channels], w[i * channels], sum);
        }
        w += p->kernel_width * channels;
    }
    return sum;
}

/** See sx_depthwise_conv2d_f32.h. */
static inline void sx_depthwise_conv2d_f32_body(const sx_depthwise_conv2d_f32_params *p, const int8_t *const rows[],
                                                int8_t *out)
{
    const int32_t channels = p->channels;
    const sx_limits_f32 limits = p->limits;
    sx_f32 *to = (sx_f32 *)(void *)out;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t count = columns.last - columns.first;
        const int32_t offset = (x + columns.first * p->dilation_width) * channels;
        const float *w = p->weights + columns.first * channels;
        int32_t channel = 0;
        for (; channel + 4 <= channels; channel += 4) {
            float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            for (int32_t i = 0; i < 4 && p->bias != NULL; ++i) {
                sums[i] = p->bias[channel + i];
            }
            sx_depthwise_conv2d_f32_sums4(sums, p, rows, offset + channel, w + channel, count);
            for (int32_t i = 0; i < 4; ++i) {
                *to++ = sx_clamp_f32(sums[i], &limits);
            }
        }
        for (; channel < channels; ++channel) {
            const float bias = (p->bias != NULL) ? p->bias[channel] : 0.0f;
            const float sum = sx_depthwise_conv2d_f32_sum(bias, p, rows, offset + channel, w + channel, count);
            *to++ = sx_clamp_f32(sum, &limits);
        }
        x += p->stride_width;
    }
}

#endif
