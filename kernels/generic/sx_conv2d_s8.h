/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_H
#define SX_CONV2D_S8_H

#include <stdint.h>

#include "sx_requantize.h"

/** Parameters of one 2-D convolution. All sizes are in elements. */
typedef struct {
    const int8_t *weights;      /* [out_channels][kernel_height][kernel_width][in_channels / groups] */
    const int32_t *bias;        /* [out_channels], at scale input_scale * weights_scale; or NULL */
    sx_requantize_s8 requantize;
    int32_t input_zero_point;   /* -128..127 */
    int32_t weights_zero_point; /* -128..127, one for the tensor; 0 is faster */
    int32_t in_width;           /* >= 1 */
    int32_t in_channels;        /* a multiple of groups */
    int32_t out_width;          /* >= 1 */
    int32_t out_channels;       /* a multiple of groups */
    int32_t kernel_height;      /* >= 1 */
    int32_t kernel_width;       /* >= 1 */
    int32_t stride_width;       /* >= 1 */
    int32_t dilation_width;     /* >= 1 */
    int32_t pad_left;           /* >= 0; padding on the right is what out_width needs */
    int32_t groups;             /* >= 1 */
} sx_conv2d_s8;

/**
 * One output row of a 2-D convolution.
 *
 *     acc[x][o] = bias[o] + sum over ky, kx, c of
 *                 (rows[ky][x * stride_width - pad_left + kx * dilation_width][first(o) + c] - input_zero_point)
 *                 * (weights[o][ky][kx][c] - weights_zero_point)
 *     out[x][o] = clamp(requantized(acc[x][o]) + zero_point, minimum, maximum)
 *
 * where c < in_channels / groups, and first(o) is the first input channel of the group of o. Terms outside the row and
 * of NULL rows are zero, as if the padding held the input zero point. The sum must fit in an int32_t.
 *
 * A 1x1 convolution with stride 1 may take the whole tensor as one row: in_width = out_width = height * width.
 *
 * @param rows  kernel_height pointers to input rows [in_width][in_channels]; NULL is a row of padding
 * @param out   output row [out_width][out_channels]; its pixels are written from left to right, each channel after its
 *              window was read; it may overlap `rows` where that overwrites nothing that is still to be read
 */
void sx_conv2d_s8_tflite(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_conv2d_s8_onnx(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
