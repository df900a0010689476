/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv2d_s16x8.h"

/** The sum of one output; `x` is the input image at the first channel of the group, `w` the weights of the output channel. */
static inline int64_t sx_transposed_conv2d_s16x8_sum(const sx_transposed_conv2d_shape *shape, const sx_s16 *x,
                                                     const int8_t *w, sx_transposed_taps rows,
                                                     sx_transposed_taps columns)
{
    const int32_t depth = shape->in_channels / shape->groups;
    int64_t sum = 0;
    for (int32_t i = 0; i < rows.count; ++i) {
        for (int32_t j = 0; j < columns.count; ++j) {
            const int32_t tap = (rows.first + i * rows.step) * shape->kernel_width + columns.first + j * columns.step;
            const int32_t place = (rows.place - i * rows.back) * shape->in_width + columns.place - j * columns.back;
            sum += sx_dot_s16x8(x + place * shape->in_channels, w + tap * depth, 1, depth);
        }
    }
    return sum;
}

void sx_transposed_conv2d_s16x8_tflite(const sx_transposed_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_transposed_conv2d_shape shape = p->shape;
    const int32_t depth = shape.in_channels / shape.groups;
    const int32_t group_out = shape.out_channels / shape.groups;
    const int32_t w_channel = shape.kernel_height * shape.kernel_width * depth;
    const sx_s16 *x = (const sx_s16 *)(const void *)rows[0];
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t n = 0; n < shape.batch; ++n) {
        for (int32_t i = 0; i < shape.out_height; ++i) {
            const sx_transposed_taps down = sx_transposed_taps_of(
                i, shape.pad_top, shape.stride_height, shape.dilation_height, shape.kernel_height, shape.in_height);
            for (int32_t j = 0; j < shape.out_width; ++j) {
                const sx_transposed_taps across = sx_transposed_taps_of(
                    j, shape.pad_left, shape.stride_width, shape.dilation_width, shape.kernel_width, shape.in_width);
                for (int32_t o = 0; o < shape.out_channels; ++o) {
                    const sx_s16 *const group = x + (o / group_out) * depth;
                    const int64_t sum =
                        sx_transposed_conv2d_s16x8_sum(&shape, group, p->weights + o * w_channel, down, across);
                    *y++ = sx_requantize_s16_of(sum, &p->requantize, o);
                }
            }
        }
        x += shape.in_height * shape.in_width * shape.in_channels;
    }
}
