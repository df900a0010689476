/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_BODY_H
#define SX_DEPTHWISE_CONV2D_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_columns.h"
#include "sx_depthwise_conv2d_s8.h"
#include "sx_store_s8.h"

/**
 * The sum of one output element, without its bias. `offset` in each row and `w` in the weights belong to the first
 * kernel column inside the row, `count` columns are inside; `w_step` is out_channels.
 */
static inline int32_t sx_depthwise_conv2d_s8_sum(const sx_depthwise_conv2d_s8 *p, const int8_t *const rows[],
                                                 int32_t offset, const int8_t *w, int32_t w_step, int32_t count)
{
    const int32_t kernel_height = p->kernel_height;
    const int32_t x_step = p->dilation_width * p->in_channels;
    const int32_t w_row = p->kernel_width * w_step;
    const int32_t x_zero = p->input_zero_point;
    const int32_t w_zero = p->weights_zero_point;
    int32_t sum = 0;
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        if (rows[ky] != NULL && count > 0) {
            const int8_t *x = rows[ky] + offset;
            const int8_t *w_column = w;
            for (int32_t i = 0; i < count; ++i) {
                sum += (*x - x_zero) * (*w_column - w_zero);
                x += x_step;
                w_column += w_step;
            }
        }
        w += w_row;
    }
    return sum;
}

/**
 * As sx_depthwise_conv2d_s8_sum, for four channels in a row, each with its own input channel and symmetric weights.
 * Never inline: see sx_dot4_s8.h.
 */
__attribute__((noinline)) static void sx_depthwise_conv2d_s8_sums4(int32_t sums[4], const sx_depthwise_conv2d_s8 *p,
                                                                   const int8_t *const rows[], int32_t offset,
                                                                   const int8_t *w, int32_t count)
{
    const int32_t w_step = p->in_channels;
    const int32_t x_step = p->dilation_width * w_step;
    const int32_t w_row = p->kernel_width * w_step;
    const int32_t x_zero = p->input_zero_point;
    const int8_t *const *const rows_end = rows + p->kernel_height;
    int32_t a = 0;
    int32_t b = 0;
    int32_t c = 0;
    int32_t d = 0;
    for (; rows != rows_end; ++rows) {
        const int8_t *x = *rows;
        const int8_t *w_column = w;
        if (x != NULL) {
            x += offset;
#if defined(__clang__)
#pragma clang loop unroll(disable)
#endif
            for (int32_t i = count; i > 0; --i) {
                a += (x[0] - x_zero) * w_column[0];
                b += (x[1] - x_zero) * w_column[1];
                c += (x[2] - x_zero) * w_column[2];
                d += (x[3] - x_zero) * w_column[3];
                x += x_step;
                w_column += w_step;
            }
        }
        w += w_row;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/** See sx_depthwise_conv2d_s8.h: four channels at a time where each has its own input channel, the rest one by one. */
static inline void sx_depthwise_conv2d_s8_body(const sx_depthwise_conv2d_s8 *p, const int8_t *const rows[],
                                               int8_t *out, sx_store_s8 *store)
{
    const int32_t multiplier = p->channel_multiplier;
    const int32_t out_channels = p->in_channels * multiplier;
    const int32_t blocks_end = (multiplier == 1 && p->weights_zero_point == 0) ? out_channels & ~3 : 0;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t columns_inside = columns.last - columns.first;
        const int8_t *w = p->weights + columns.first * out_channels;
        int32_t offset = (x + columns.first * p->dilation_width) * p->in_channels;
        int32_t channel = 0;
        int32_t sums[4];
        for (; channel < blocks_end; channel += 4) {
            sx_depthwise_conv2d_s8_sums4(sums, p, rows, offset, w, columns_inside);
            store(out, sums, 4, p->bias, &p->requantize, channel);
            out += 4;
            w += 4;
            offset += 4;
        }
        for (int32_t end = channel + multiplier; end <= out_channels; end += multiplier) {
            for (; channel < end; ++channel) {
                sums[0] = sx_depthwise_conv2d_s8_sum(p, rows, offset, w, out_channels, columns_inside);
                store(out++, sums, 1, p->bias, &p->requantize, channel);
                ++w;
            }
            ++offset;
        }
        x += p->stride_width;
    }
}

#endif
