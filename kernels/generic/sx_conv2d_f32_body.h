/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_F32_BODY_H
#define SX_CONV2D_F32_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_conv2d_f32.h"
#include "sx_dot4x2_f32.h"
#include "sx_dot_f32.h"
#include "sx_pixel_pairs_f32.h"

/** The window of one pixel, or of two with the same columns. */
typedef struct {
    sx_runs_f32 runs;   /* of each kernel row */
    int32_t offset;     /* of the first element in a row, in the first group */
    int32_t weights;    /* elements of a kernel row of one channel before the first column inside */
    int32_t pixel_step; /* elements from one pixel's window to the next one's */
} sx_conv2d_f32_window;

static inline sx_conv2d_f32_window sx_conv2d_f32_window_of(const sx_conv2d_f32_params *p, int32_t x, sx_columns columns)
{
    const int32_t group_in = p->in_channels / p->groups;
    const int32_t width = columns.last - columns.first;
    const bool adjoin = p->groups == 1 && p->dilation_width == 1;
    const int32_t step = p->dilation_width * p->in_channels;
    sx_conv2d_f32_window window;
    window.runs.count = (adjoin && width > 0) ? 1 : width;
    window.runs.length = adjoin ? width * group_in : group_in;
    window.runs.gap = adjoin ? 0 : step - group_in;
    window.offset = x * p->in_channels + columns.first * step;
    window.weights = columns.first * group_in;
    window.pixel_step = p->stride_width * p->in_channels;
    return window;
}

/** Four channels of one pixel or of two: the sums are [pixel][4]. */
static inline void sx_conv2d_f32_sums4(float sums[8], const sx_conv2d_f32_params *p, const int8_t *const rows[],
                                       const sx_conv2d_f32_window *window, int32_t first, const float *w, int32_t pixels)
{
    const int32_t w_row = 4 * p->kernel_width * (p->in_channels / p->groups);
    w += 4 * window->weights;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        if (rows[ky] != NULL && window->runs.count > 0) {
            const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky] + window->offset + first;
            if (pixels == 2) {
                sx_dot4x2_f32(sums, x, x + window->pixel_step, w, &window->runs);
            } else {
                sx_dot4_f32(sums, x, w, &window->runs);
            }
        }
        w += w_row;
    }
}

/** One channel of one pixel. */
static inline float sx_conv2d_f32_sum(float sum, const sx_conv2d_f32_params *p, const int8_t *const rows[],
                                      const sx_conv2d_f32_window *window, int32_t first, const float *w)
{
    const int32_t w_row = p->kernel_width * (p->in_channels / p->groups);
    w += window->weights;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        if (rows[ky] != NULL && window->runs.count > 0) {
            const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky] + window->offset + first;
            sum = sx_dot1_f32(sum, x, w, &window->runs);
        }
        w += w_row;
    }
    return sum;
}

/** All channels of one pixel, or of two. */
static inline void sx_conv2d_f32_pixels(const sx_conv2d_f32_params *p, const int8_t *const rows[], sx_f32 *out,
                                        const sx_conv2d_f32_window *window, int32_t pixels)
{
    const int32_t group_in = p->in_channels / p->groups;
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t w_channel = p->kernel_height * p->kernel_width * group_in;
    const sx_limits_f32 limits = p->limits;
    const float *w = p->weights;
    int32_t channel = 0;
    int32_t first = 0;
    for (int32_t end = group_out; end <= p->out_channels; end += group_out) {
        for (; channel + 4 <= end; channel += 4) {
            float sums[8];
            sx_first4x2_f32(sums, p->bias, channel);
            sx_conv2d_f32_sums4(sums, p, rows, window, first, w, pixels);
            sx_store4_f32(out + channel, sums, &limits);
            if (pixels == 2) {
                sx_store4_f32(out + p->out_channels + channel, sums + 4, &limits);
            }
            w += 4 * w_channel;
        }
        for (; channel < end; ++channel) {
            const float bias = (p->bias != NULL) ? p->bias[channel] : 0.0f;
            for (int32_t pixel = 0; pixel < pixels; ++pixel) {
                const float sum = sx_conv2d_f32_sum(bias, p, rows, window, first + pixel * window->pixel_step, w);
                out[pixel * p->out_channels + channel] = sx_clamp_f32(sum, &limits);
            }
            w += w_channel;
        }
        first += group_in;
    }
}

/** See sx_conv2d_f32.h. */
static inline void sx_conv2d_f32_body(const sx_conv2d_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    sx_f32 *to = (sx_f32 *)(void *)out;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width;) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t pixels = sx_pixels_at_once(columns, out_x, p->out_width, x + p->stride_width, p->kernel_width,
                                                 p->dilation_width, p->in_width);
        const sx_conv2d_f32_window window = sx_conv2d_f32_window_of(p, x, columns);
        sx_conv2d_f32_pixels(p, rows, to, &window, pixels);
        to += pixels * p->out_channels;
        out_x += pixels;
        x += pixels * p->stride_width;
    }
}

#endif
