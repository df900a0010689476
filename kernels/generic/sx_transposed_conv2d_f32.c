/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_transposed_conv2d_f32.h"

#include <stddef.h>

#include "sx_dot_f32.h"

/** The input position under a kernel element, `place` elements of the stretched input before it; -1: there is none. */
static int32_t sx_transposed_position(int32_t place, int32_t stride, int32_t size)
{
    const int32_t position = (place >= 0) ? place / stride : -1;
    return (position >= 0 && position < size && position * stride == place) ? position : -1;
}

/** `width` channels, 4 or 1, of one output pixel; `w` are their weights, `x` the image from the group's first channel on. */
static void sx_transposed_conv2d_f32_sums(float sums[4], const sx_transposed_conv2d_f32_params *p, const sx_f32 *x,
                                          const float *w, int32_t width, int32_t y_place, int32_t x_place)
{
    const sx_runs_f32 run = {1, p->in_channels / p->groups, 0};
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        const int32_t in_y = sx_transposed_position(y_place - ky * p->dilation_height, p->stride_height, p->in_height);
        for (int32_t kx = 0; kx < p->kernel_width && in_y >= 0; ++kx) {
            const int32_t in_x = sx_transposed_position(x_place - kx * p->dilation_width, p->stride_width, p->in_width);
            if (in_x >= 0) {
                const sx_f32 *pixel = x + (in_y * p->in_width + in_x) * p->in_channels;
                const float *tap = w + (ky * p->kernel_width + kx) * run.length * width;
                if (width == 4) {
                    sx_dot4_f32(sums, pixel, tap, &run);
                } else {
                    sums[0] = sx_dot1_f32(sums[0], pixel, tap, &run);
                }
            }
        }
    }
}

/** All channels of one output pixel. */
static void sx_transposed_conv2d_f32_pixel(const sx_transposed_conv2d_f32_params *p, const sx_f32 *x, sx_f32 *out,
                                           int32_t y_place, int32_t x_place)
{
    const int32_t group_in = p->in_channels / p->groups;
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t w_channel = p->kernel_height * p->kernel_width * group_in;
    const float *w = p->weights;
    int32_t channel = 0;
    for (int32_t end = group_out; end <= p->out_channels; end += group_out) {
        while (channel < end) {
            const int32_t width = (end - channel >= 4) ? 4 : 1;
            float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            for (int32_t i = 0; i < width && p->bias != NULL; ++i) {
                sums[i] = p->bias[channel + i];
            }
            sx_transposed_conv2d_f32_sums(sums, p, x, w, width, y_place, x_place);
            for (int32_t i = 0; i < width; ++i) {
                out[channel + i] = sx_clamp_f32(sums[i], &p->limits);
            }
            channel += width;
            w += width * w_channel;
        }
        x += group_in;
    }
}

void sx_transposed_conv2d_f32(const sx_transposed_conv2d_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t image = 0; image < p->batch; ++image) {
        for (int32_t y = 0; y < p->out_height; ++y) {
            for (int32_t column = 0; column < p->out_width; ++column) {
                sx_transposed_conv2d_f32_pixel(p, x, to, y + p->pad_top, column + p->pad_left);
                to += p->out_channels;
            }
        }
        x += p->in_height * p->in_width * p->in_channels;
    }
}
