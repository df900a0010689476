/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_MVE_H
#define SX_DEPTHWISE_CONV2D_S8_MVE_H

#include <stdint.h>

#include "sx_requantize_mve.h"

/** Parameters of one depthwise 2-D convolution with one output channel per input channel. All sizes are in elements. */
typedef struct {
    const int8_t *weights;      /* [channels / 16][kernel_height / 4][kernel_width / 4][fours of channels, up to 4]
                                   [4 channels][4 columns][4 rows], each count rounded up, zeros where there is no weight */
    const int32_t *bias;        /* [channels, filled up to a multiple of four]: bias[c] - input_zero_point * sum of its weights */
    sx_requantize_s8_mve requantize;
    int32_t input_zero_point;   /* -128..127 */
    int32_t in_width;           /* >= 1 */
    int32_t channels;           /* >= 1 */
    int32_t out_width;          /* >= 1 */
    int32_t kernel_height;      /* >= 1 */
    int32_t kernel_width;       /* >= 1 */
    int32_t stride_width;       /* >= 1 */
    int32_t dilation_width;     /* >= 1 */
    int32_t pad_left;           /* >= 0; padding on the right is what out_width needs */
    int32_t block_width;        /* output pixels at a time, >= 1 */
} sx_depthwise_conv2d_s8_mve;

/**
 * One output row of a depthwise 2-D convolution: what sx_depthwise_conv2d_s8_<rule> computes for symmetric weights and a
 * channel_multiplier of 1, bit for bit. Sums wrap; the one with the bias as it was must fit in an int32_t.
 *
 * @param rows     kernel_height pointers to input rows [in_width][channels]; NULL is a row of padding
 * @param out      output row [out_width][channels]; its pixels are written in blocks of block_width from left to right, those
 *                 of a block while inputs of the block are still read; it may overlap `rows` where that overwrites nothing
 *                 that is still to be read
 * @param scratch  64 * block_width + 64 * columns + 16 bytes, aligned to 4, where columns is the number of input columns that
 *                 one block reads: (block_width - 1) * stride_width + (kernel_width up to a multiple of four - 1)
 *                 * dilation_width + 1
 */
void sx_depthwise_conv2d_s8_mve_tflite(const sx_depthwise_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out,
                                       int8_t *scratch);
void sx_depthwise_conv2d_s8_mve_onnx(const sx_depthwise_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out,
                                     int8_t *scratch);

#endif
