/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_F32_H
#define SX_CONV2D_F32_H

#include <stdint.h>

#include "sx_clamp_f32.h"

/** Parameters of one 2-D convolution. All sizes are in elements. */
typedef struct {
    const float *weights;    /* see below */
    const float *bias;       /* [out_channels], or NULL */
    sx_limits_f32 limits;
    int32_t in_width;        /* >= 1 */
    int32_t in_channels;     /* a multiple of groups */
    int32_t out_width;       /* >= 1 */
    int32_t out_channels;    /* a multiple of groups */
    int32_t kernel_height;   /* >= 1 */
    int32_t kernel_width;    /* >= 1 */
    int32_t stride_width;    /* >= 1 */
    int32_t dilation_width;  /* >= 1 */
    int32_t pad_left;        /* >= 0; padding on the right is what out_width needs */
    int32_t groups;          /* >= 1 */
} sx_conv2d_f32_params;

/**
 * One output row of a 2-D convolution of float32.
 *
 *     out[x][o] = clamp(bias[o] + sum over ky, kx, c of
 *                       rows[ky][x * stride_width - pad_left + kx * dilation_width][first(o) + c] * weights[o][ky][kx][c])
 *
 * where c < in_channels / groups, and first(o) is the first input channel of the group of o. Terms outside the row and
 * of NULL rows are left out. The order of the additions is not specified; products are fused to sums where the core can.
 *
 * Weights of a group: blocks of four output channels [ky][kx][c][4], then the channels that are left, [ky][kx][c] each.
 *
 * A fully connected layer is a 1x1 convolution whose pixels are the rows of the batch.
 *
 * @param rows  kernel_height pointers to input rows [in_width][in_channels]; NULL is a row of padding
 * @param out   output row [out_width][out_channels]; pixels are written from left to right, those of the blocks of two
 *              that begin at even x together, each channel after its window in both was read; it may overlap `rows` where
 *              that overwrites nothing that is still to be read
 */
void sx_conv2d_f32(const sx_conv2d_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
