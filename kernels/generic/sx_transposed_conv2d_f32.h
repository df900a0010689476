/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TRANSPOSED_CONV2D_F32_H
#define SX_TRANSPOSED_CONV2D_F32_H

#include <stdint.h>

#include "sx_clamp_f32.h"

/** Parameters of one transposed 2-D convolution. All sizes are in elements. */
typedef struct {
    const float *weights;    /* as those of sx_conv2d_f32 */
    const float *bias;       /* [out_channels], or NULL */
    sx_limits_f32 limits;
    int32_t batch;           /* >= 1 */
    int32_t in_height;       /* >= 1 */
    int32_t in_width;        /* >= 1 */
    int32_t in_channels;     /* a multiple of groups */
    int32_t out_height;      /* >= 1 */
    int32_t out_width;       /* >= 1 */
    int32_t out_channels;    /* a multiple of groups */
    int32_t kernel_height;   /* >= 1 */
    int32_t kernel_width;    /* >= 1 */
    int32_t stride_height;   /* >= 1 */
    int32_t stride_width;    /* >= 1 */
    int32_t dilation_height; /* >= 1 */
    int32_t dilation_width;  /* >= 1 */
    int32_t pad_top;         /* what is cut off the output; may be negative */
    int32_t pad_left;
    int32_t groups;          /* >= 1 */
} sx_transposed_conv2d_f32_params;

/**
 * A transposed 2-D convolution of float32: the gradient of a convolution by its input.
 *
 *     out[y][x][o] = clamp(bias[o] + sum over ky, kx, c of in[iy][ix][first(o) + c] * weights[o][ky][kx][c])
 *
 * over those kernel elements for which iy = (y + pad_top - ky * dilation_height) / stride_height and the like ix are whole and
 * inside the input. Every output is gathered, and written once.
 *
 * @param rows  rows[0] is the input [batch][in_height][in_width][in_channels]
 * @param out   [batch][out_height][out_width][out_channels]; must not overlap the input
 */
void sx_transposed_conv2d_f32(const sx_transposed_conv2d_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
