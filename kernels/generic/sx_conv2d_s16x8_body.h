/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S16X8_BODY_H
#define SX_CONV2D_S16X8_BODY_H

#include "sx_conv2d_s16x8.h"

/** The sum of one output: `first` is the input column of the first tap, `channel` the first input channel. */
static inline int64_t sx_conv2d_s16x8_sum(const sx_conv2d_s16x8 *p, const int8_t *const rows[], const int8_t *w,
                                          int32_t first, int32_t channel)
{
    const int32_t depth = p->in_channels / p->groups;
    int64_t sum = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        const sx_s16 *const row = (const sx_s16 *)(const void *)rows[ky];
        for (int32_t kx = 0; kx < p->kernel_width; ++kx) {
            const int32_t x = first + kx * p->dilation_width;
            if (row != NULL && x >= 0 && x < p->in_width) {
                sum += sx_dot_s16x8(row + x * p->in_channels + channel, w, 1, depth);
            }
            w += depth;
        }
    }
    return sum;
}

/** See sx_conv2d_s16x8.h. */
static inline void sx_conv2d_s16x8_body(const sx_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t depth = p->in_channels / p->groups;
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t w_channel = p->kernel_height * p->kernel_width * depth;
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t x = 0; x < p->out_width; ++x) {
        const int32_t first = x * p->stride_width - p->pad_left;
        for (int32_t o = 0; o < p->out_channels; ++o) {
            const int32_t channel = (o / group_out) * depth;
            const int64_t sum = sx_conv2d_s16x8_sum(p, rows, p->weights + o * w_channel, first, channel);
            *y++ = sx_requantize_s16_of(sum, &p->requantize, o);
        }
    }
}

#endif
