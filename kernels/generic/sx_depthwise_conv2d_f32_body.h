/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_F32_BODY_H
#define SX_DEPTHWISE_CONV2D_F32_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_depthwise_conv2d_f32.h"
#include "sx_elements.h"
#include "sx_multiply_add.h"
#include "sx_pixel_pairs_f32.h"

/** What the windows of one pixel, or of two with the same columns, have in common. */
typedef struct {
    int32_t offset;  /* of the first element of the first window in a row */
    int32_t second;  /* elements from there to those of the second one */
    int32_t count;   /* kernel columns inside the row */
    int32_t x_step;  /* elements from a column to the next */
    const float *w;  /* of the first kernel column inside */
    int32_t w_row;   /* elements of a kernel row */
} sx_depthwise_f32_window;

/** Four channels of one pixel, from `channel` on. Never inline: the loop wants all registers of the core. */
__attribute__((noinline)) static void sx_depthwise_f32_sums4(float sums[4], const sx_depthwise_conv2d_f32_params *p,
                                                             const int8_t *const rows[],
                                                             const sx_depthwise_f32_window *window, int32_t channel)
{
    const int8_t *const *const end = rows + p->kernel_height;
    const int32_t w_step = p->channels, x_step = window->x_step, count = window->count, w_row = window->w_row;
    const int32_t offset = window->offset + channel;
    const float *w = window->w + channel;
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    for (; rows != end; ++rows) {
        if (*rows != NULL) {
            const sx_f32 *x = (const sx_f32 *)(const void *)*rows + offset;
            const float *tap = w;
            for (int32_t i = count; i > 0; --i) {
                a = sx_multiply_add(x[0], tap[0], a);
                b = sx_multiply_add(x[1], tap[1], b);
                c = sx_multiply_add(x[2], tap[2], c);
                d = sx_multiply_add(x[3], tap[3], d);
                x += x_step;
                tap += w_step;
            }
        }
        w += w_row;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/** The same of two pixels: sums[pixel][channel]. */
__attribute__((noinline)) static void sx_depthwise_f32_sums4x2(float sums[8], const sx_depthwise_conv2d_f32_params *p,
                                                               const int8_t *const rows[],
                                                               const sx_depthwise_f32_window *window, int32_t channel)
{
    const int8_t *const *const end = rows + p->kernel_height;
    const int32_t w_step = p->channels, x_step = window->x_step, count = window->count, w_row = window->w_row;
    const int32_t offset = window->offset + channel, second = window->second;
    const float *w = window->w + channel;
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    float e = sums[4], f = sums[5], g = sums[6], h = sums[7];
    for (; rows != end; ++rows) {
        if (*rows != NULL) {
            const sx_f32 *x = (const sx_f32 *)(const void *)*rows + offset;
            const sx_f32 *y = x + second;
            const float *tap = w;
            for (int32_t i = count; i > 0; --i) {
                const float w0 = tap[0], w1 = tap[1], w2 = tap[2], w3 = tap[3];
                a = sx_multiply_add(x[0], w0, a);
                e = sx_multiply_add(y[0], w0, e);
                b = sx_multiply_add(x[1], w1, b);
                f = sx_multiply_add(y[1], w1, f);
                c = sx_multiply_add(x[2], w2, c);
                g = sx_multiply_add(y[2], w2, g);
                d = sx_multiply_add(x[3], w3, d);
                h = sx_multiply_add(y[3], w3, h);
                x += x_step;
                y += x_step;
                tap += w_step;
            }
        }
        w += w_row;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
    sums[4] = e;
    sums[5] = f;
    sums[6] = g;
    sums[7] = h;
}

/** One channel of one pixel, which is `pixel` elements behind the first. */
static inline float sx_depthwise_f32_sum(float sum, const sx_depthwise_conv2d_f32_params *p, const int8_t *const rows[],
                                         const sx_depthwise_f32_window *window, int32_t channel, int32_t pixel)
{
    const float *w = window->w + channel;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky];
        for (int32_t i = 0; i < window->count && x != NULL; ++i) {
            sum = sx_multiply_add(x[window->offset + pixel + channel + i * window->x_step], w[i * p->channels], sum);
        }
        w += window->w_row;
    }
    return sum;
}

/** All channels of one pixel, or of two. */
static inline void sx_depthwise_f32_pixels(const sx_depthwise_conv2d_f32_params *p, const int8_t *const rows[], sx_f32 *out,
                                           const sx_depthwise_f32_window *window, int32_t pixels)
{
    const int32_t channels = p->channels;
    const sx_limits_f32 limits = p->limits;
    int32_t channel = 0;
    for (; channel + 4 <= channels; channel += 4) {
        float sums[8];
        sx_first4x2_f32(sums, p->bias, channel);
        if (pixels == 2) {
            sx_depthwise_f32_sums4x2(sums, p, rows, window, channel);
            sx_store4_f32(out + channels + channel, sums + 4, &limits);
        } else {
            sx_depthwise_f32_sums4(sums, p, rows, window, channel);
        }
        sx_store4_f32(out + channel, sums, &limits);
    }
    for (; channel < channels; ++channel) {
        const float bias = (p->bias != NULL) ? p->bias[channel] : 0.0f;
        for (int32_t pixel = 0; pixel < pixels; ++pixel) {
            const float sum = sx_depthwise_f32_sum(bias, p, rows, window, channel, pixel * window->second);
            out[pixel * channels + channel] = sx_clamp_f32(sum, &limits);
        }
    }
}

/** See sx_depthwise_conv2d_f32.h. */
static inline void sx_depthwise_conv2d_f32_body(const sx_depthwise_conv2d_f32_params *p, const int8_t *const rows[],
                                                int8_t *out)
{
    const int32_t channels = p->channels;
    sx_f32 *to = (sx_f32 *)(void *)out;
    int32_t x = -p->pad_left;
    sx_depthwise_f32_window window;
    window.second = p->stride_width * channels;
    window.x_step = p->dilation_width * channels;
    window.w_row = p->kernel_width * channels;
    for (int32_t out_x = 0; out_x < p->out_width;) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t pixels = sx_pixels_at_once(columns, out_x, p->out_width, x + p->stride_width, p->kernel_width,
                                                 p->dilation_width, p->in_width);
        window.offset = x * channels + columns.first * window.x_step;
        window.count = columns.last - columns.first;
        window.w = p->weights + columns.first * channels;
        sx_depthwise_f32_pixels(p, rows, to, &window, pixels);
        to += pixels * channels;
        out_x += pixels;
        x += pixels * p->stride_width;
    }
}

#endif
