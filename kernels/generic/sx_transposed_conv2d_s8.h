/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TRANSPOSED_CONV2D_S8_H
#define SX_TRANSPOSED_CONV2D_S8_H

#include "sx_requantize.h"
#include "sx_transposed_conv2d.h"

/** Parameters of one 2-D transposed convolution. */
typedef struct {
    const int8_t *weights;      /* [out_channels][kernel_height][kernel_width][in_channels / groups] */
    const int32_t *bias;        /* [out_channels], at scale input_scale * weights_scale; or NULL */
    sx_requantize_s8 requantize;
    int32_t input_zero_point;   /* -128..127 */
    int32_t weights_zero_point; /* -128..127, one for the tensor; 0 is faster */
    sx_transposed_conv2d_shape shape;
} sx_transposed_conv2d_s8;

/**
 * The sum of (input - input_zero_point) * (weights - weights_zero_point) over all input pixels (i, j) and taps (ky, kx) with
 * i * stride_height + ky * dilation_height - pad_top = y and likewise j for x, requantized, for every output pixel (y, x).
 *
 * @param rows  rows[0] is the input [batch][in_height][in_width][in_channels]
 * @param out   output [batch][out_height][out_width][out_channels]; must not overlap the input
 */
void sx_transposed_conv2d_s8_tflite(const sx_transposed_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_transposed_conv2d_s8_onnx(const sx_transposed_conv2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
