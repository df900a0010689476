/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TRANSPOSED_CONV2D_H
#define SX_TRANSPOSED_CONV2D_H

#include <stdint.h>

/** Sizes of one 2-D transposed convolution, in elements. */
typedef struct {
    int32_t batch;
    int32_t in_height, in_width, in_channels; /* channels: a multiple of groups */
    int32_t out_height, out_width, out_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left; /* cut off the output; negative ones add to it */
    int32_t groups;
} sx_transposed_conv2d_shape;

/** The taps along one dimension that meet an output: kernel element first + i * step and input place - i * back, i < count. */
typedef struct {
    int32_t first, place, count, step, back;
} sx_transposed_taps;

/**
 * The taps of output element `out`. Input element i reaches i * stride + tap * dilation - pad, so that every step-th tap at most
 * fits, with step = stride / gcd(stride, dilation).
 */
static inline sx_transposed_taps sx_transposed_taps_of(int32_t out, int32_t pad, int32_t stride, int32_t dilation,
                                                       int32_t kernel, int32_t size)
{
    const int32_t target = out + pad;
    sx_transposed_taps taps = {0, 0, 0, 1, 0};
    while ((taps.step * dilation) % stride != 0) {
        ++taps.step;
    }
    taps.back = taps.step * dilation / stride;
    while (taps.first < taps.step && (target - taps.first * dilation) % stride != 0) {
        ++taps.first;
    }
    if (taps.first == taps.step) {
        return taps;
    }
    taps.place = (target - taps.first * dilation) / stride;
    while (taps.place >= size) {
        taps.place -= taps.back;
        taps.first += taps.step;
    }
    int32_t tap = taps.first;
    for (int32_t place = taps.place; tap < kernel && place >= 0; place -= taps.back) {
        ++taps.count;
        tap += taps.step;
    }
    return taps;
}

#endif
