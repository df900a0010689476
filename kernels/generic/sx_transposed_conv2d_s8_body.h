/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TRANSPOSED_CONV2D_S8_BODY_H
#define SX_TRANSPOSED_CONV2D_S8_BODY_H

#include "sx_dot4_s8.h"
#include "sx_dot_s8.h"
#include "sx_store_s8.h"
#include "sx_transposed_conv2d_s8.h"

/**
 * The sums of `count` channels, 4 or 1, of one output pixel.
 *
 * @param x  the input image, at the first channel of the group
 * @param w  the weights of the first output channel
 */
static inline void sx_transposed_conv2d_s8_sums(int32_t sums[4], const sx_transposed_conv2d_s8 *p, const int8_t *x,
                                                const int8_t *w, int32_t count, sx_transposed_taps rows,
                                                sx_transposed_taps columns)
{
    const sx_transposed_conv2d_shape *const shape = &p->shape;
    const int32_t depth = shape->in_channels / shape->groups;
    const int32_t w_channel = shape->kernel_height * shape->kernel_width * depth;
    for (int32_t i = 0; i < rows.count; ++i) {
        for (int32_t j = 0; j < columns.count; ++j) {
            const int32_t tap = (rows.first + i * rows.step) * shape->kernel_width + columns.first + j * columns.step;
            const int32_t place = (rows.place - i * rows.back) * shape->in_width + columns.place - j * columns.back;
            const int8_t *const pixel = x + place * shape->in_channels;
            if (count == 4) {
                sx_dot4_s8(sums, pixel, w + tap * depth, w_channel, depth, p->input_zero_point);
            } else {
                sums[0] += sx_dot_s8(pixel, w + tap * depth, depth, p->input_zero_point, p->weights_zero_point);
            }
        }
    }
}

/** All channels of one output pixel; gives the place behind them. */
static inline int8_t *sx_transposed_conv2d_s8_pixel(const sx_transposed_conv2d_s8 *p, const int8_t *x, int8_t *out,
                                                    sx_transposed_taps rows, sx_transposed_taps columns,
                                                    sx_store_s8 *store)
{
    const sx_transposed_conv2d_shape *const shape = &p->shape;
    const int32_t group_in = shape->in_channels / shape->groups;
    const int32_t group_out = shape->out_channels / shape->groups;
    const int32_t w_channel = shape->kernel_height * shape->kernel_width * group_in;
    const int32_t in_blocks = (p->weights_zero_point == 0) ? group_out & ~3 : 0;
    const int8_t *w = p->weights;
    int32_t channel = 0;
    for (int32_t end = group_out; end <= shape->out_channels; end += group_out) {
        const int32_t blocks_end = channel + in_blocks;
        while (channel < end) {
            const int32_t count = (channel < blocks_end) ? 4 : 1;
            int32_t sums[4] = {0, 0, 0, 0};
            sx_transposed_conv2d_s8_sums(sums, p, x, w, count, rows, columns);
            store(out, sums, count, p->bias, &p->requantize, channel);
            out += count;
            channel += count;
            w += count * w_channel;
        }
        x += group_in;
    }
    return out;
}

/** See sx_transposed_conv2d_s8.h. */
static inline void sx_transposed_conv2d_s8_body(const sx_transposed_conv2d_s8 *p, const int8_t *const rows[],
                                                int8_t *out, sx_store_s8 *store)
{
    const sx_transposed_conv2d_shape shape = p->shape;
    const int8_t *x = rows[0];
    for (int32_t n = 0; n < shape.batch; ++n) {
        for (int32_t i = 0; i < shape.out_height; ++i) {
            const sx_transposed_taps down = sx_transposed_taps_of(
                i, shape.pad_top, shape.stride_height, shape.dilation_height, shape.kernel_height, shape.in_height);
            for (int32_t j = 0; j < shape.out_width; ++j) {
                const sx_transposed_taps across = sx_transposed_taps_of(
                    j, shape.pad_left, shape.stride_width, shape.dilation_width, shape.kernel_width, shape.in_width);
                out = sx_transposed_conv2d_s8_pixel(p, x, out, down, across, store);
            }
        }
        x += shape.in_height * shape.in_width * shape.in_channels;
    }
}

#endif
