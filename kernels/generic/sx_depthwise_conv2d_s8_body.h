/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_BODY_H
#define SX_DEPTHWISE_CONV2D_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_columns.h"
#include "sx_depthwise_conv2d_s8.h"

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

/** See sx_depthwise_conv2d_s8.h. */
static inline void sx_depthwise_conv2d_s8_body(const sx_depthwise_conv2d_s8 *p, const int8_t *const rows[],
                                               int8_t *out, sx_requantize_rule *rule)
{
    const sx_requantize_s8 requantize = p->requantize;
    const int32_t out_channels = p->in_channels * p->channel_multiplier;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t count = columns.last - columns.first;
        const int8_t *w = p->weights + columns.first * out_channels;
        int32_t offset = (x + columns.first * p->dilation_width) * p->in_channels;
        int32_t channel = 0;
        for (int32_t end = p->channel_multiplier; end <= out_channels; end += p->channel_multiplier) {
            for (; channel < end; ++channel) {
                const int32_t bias = (p->bias != NULL) ? p->bias[channel] : 0;
                const int32_t sum = sx_depthwise_conv2d_s8_sum(p, rows, offset, w, out_channels, count);
                *out++ = rule(bias + sum, &requantize, channel);
                ++w;
            }
            ++offset;
        }
        x += p->stride_width;
    }
}

#endif
