/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_H
#define SX_DEPTHWISE_CONV2D_S8_H

#include <stdint.h>

#include "sx_requantize.h"

/** Parameters of one depthwise 2-D convolution. out_channels = in_channels * channel_multiplier. */
typedef struct {
    const int8_t *weights;      /* [kernel_height][kernel_width][out_channels] */
    const int32_t *bias;        /* [out_channels], at scale input_scale * weights_scale; or NULL */
    sx_requantize_s8 requantize;
    int32_t input_zero_point;   /* -128..127 */
    int32_t weights_zero_point; /* -128..127, one for the tensor */
    int32_t in_width;           /* >= 1 */
    int32_t in_channels;        /* >= 1 */
    int32_t out_width;          /* >= 1 */
    int32_t channel_multiplier; /* >= 1 */
    int32_t kernel_height;      /* >= 1 */
    int32_t kernel_width;       /* >= 1 */
    int32_t stride_width;       /* >= 1 */
    int32_t dilation_width;     /* >= 1 */
    int32_t pad_left;           /* >= 0; padding on the right is what out_width needs */
} sx_depthwise_conv2d_s8;

/**
 * One output row of a depthwise 2-D convolution: output channel o = c * channel_multiplier + m sees input channel c.
 *
 *     acc[x][o] = bias[o] + sum over ky, kx of
 *                 (rows[ky][x * stride_width - pad_left + kx * dilation_width][c] - input_zero_point)
 *                 * (weights[ky][kx][o] - weights_zero_point)
 *     out[x][o] = clamp(requantized(acc[x][o]) + zero_point, minimum, maximum)
 *
 * Terms outside the row and of NULL rows are zero, as if the padding held the input zero point. The sum must fit in an
 * int32_t.
 *
 * @param rows  kernel_height pointers to input rows [in_width][in_channels]; NULL is a row of padding
 * @param out   output row [out_width][out_channels]; its pixels are written from left to right, each channel after its
 *              window was read; it may overlap `rows` where that overwrites nothing that is still to be read
 */
void sx_depthwise_conv2d_s8_tflite(const sx_depthwise_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_depthwise_conv2d_s8_onnx(const sx_depthwise_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
