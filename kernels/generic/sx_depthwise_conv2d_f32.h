/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_F32_H
#define SX_DEPTHWISE_CONV2D_F32_H

#include <stdint.h>

#include "sx_clamp_f32.h"

/** Parameters of one depthwise 2-D convolution with as many output channels as input channels. All sizes are in elements. */
typedef struct {
    const float *weights;   /* [kernel_height][kernel_width][channels] */
    const float *bias;      /* [channels], or NULL */
    sx_limits_f32 limits;
    int32_t in_width;       /* >= 1 */
    int32_t channels;       /* >= 1 */
    int32_t out_width;      /* >= 1 */
    int32_t kernel_height;  /* >= 1 */
    int32_t kernel_width;   /* >= 1 */
    int32_t stride_width;   /* >= 1 */
    int32_t dilation_width; /* >= 1 */
    int32_t pad_left;       /* >= 0; padding on the right is what out_width needs */
} sx_depthwise_conv2d_f32_params;

/**
 * One output row of a depthwise 2-D convolution of float32.
 *
 *     out[x][c] = clamp(bias[c] + sum over ky, kx of
 *                       rows[ky][x * stride_width - pad_left + kx * dilation_width][c] * weights[ky][kx][c])
 *
 * Terms outside the row and of NULL rows are left out. Products are fused to sums where the core can. With more output than
 * input channels it is a convolution of as many groups as input channels: sx_conv2d_f32.
 *
 * @param rows  kernel_height pointers to input rows [in_width][channels]; NULL is a row of padding
 * @param out   output row [out_width][channels]; pixels are written from left to right, those of the blocks of two that
 *              begin at even x together, each channel after its window in both was read; it may overlap `rows` where that
 *              overwrites nothing that is still to be read
 */
void sx_depthwise_conv2d_f32(const sx_depthwise_conv2d_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
