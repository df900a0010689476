/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POINTWISE_S8_MVE_H
#define SX_POINTWISE_S8_MVE_H

#include <stdint.h>

#include "sx_requantize_mve.h"

/** Parameters of one fully connected layer, or of a 1x1 convolution without padding: a matrix times each of some pixels. */
typedef struct {
    const int8_t *weights;      /* in blocks, see sx_dots_s8_mve: [out_channels / 4][in_channels / 16][4][16] */
    const int32_t *bias;        /* [out_channels, filled up]: bias[o] - input_zero_point * sum over i of
                                   (weights[o][i] - weights_zero_point) */
    sx_requantize_s8_mve requantize;
    int32_t weights_zero_point; /* -128..127, one for the tensor; 0 is faster */
    int32_t pixels;             /* >= 1 */
    int32_t pixel_step;         /* from one input pixel to the next, in elements: stride_width * in_channels */
    int32_t in_channels;        /* >= 1 */
    int32_t out_channels;       /* >= 1 */
} sx_pointwise_s8_mve;

/**
 *     acc[x][o] = bias[o] + sum over i of input[x * pixel_step + i] * (weights[o][i] - weights_zero_point)
 *     out[x][o] = clamp(requantized(acc[x][o]) + zero_point, minimum, maximum)
 *
 * which is what sx_fully_connected_s8_<rule> and sx_conv2d_s8_<rule> compute, bit for bit. Sums wrap; the one with the
 * bias as it was must fit in an int32_t.
 *
 * @param rows  rows[0] is the input
 * @param out   output [pixels][out_channels]; its pixels are written in ascending order, with up to 32 inputs in blocks of 16
 *              pixels, those of a block while inputs of the block are still read; it may overlap the input where that
 *              overwrites nothing that is still to be read
 */
void sx_pointwise_s8_mve_tflite(const sx_pointwise_s8_mve *p, const int8_t *const rows[], int8_t *out);
void sx_pointwise_s8_mve_onnx(const sx_pointwise_s8_mve *p, const int8_t *const rows[], int8_t *out);

#endif
