/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_PACKED_S8_H
#define SX_CONV2D_PACKED_S8_H

#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/**
 * Parameters of one 2-D convolution with symmetric weights, packed for sx_matmul_s8_dsp.h.
 *
 * A window is kernel_height * runs runs of bytes; of each row one per kernel column, those of the channels of a group, or one in
 * all. The elements of a window, and of the weights of a channel, are the whole fours of all runs, and behind them what is left of
 * each run, up to three bytes.
 */
typedef struct {
    const int32_t *weights;    /* per group of the convolution: groups of four channels, as sx_matmul_s8_dsp.h says */
    const int32_t *bias;       /* per group, a multiple of four: bias[c] - input_zero_point * sum of weights[c], modulo 2^32 */
    const int32_t *exceptions; /* ascending: the channels that the short form is not for, where short_shifts is 1 */
    sx_requantize_s8_dsp requantize;
    int32_t row_bytes;         /* of an input row: width * channels */
    int16_t out_width;         /* >= 1 */
    int16_t step_bytes;        /* from the window of an output pixel to the next one: stride * channels */
    int16_t pad_bytes;         /* padding on the left: pad * channels */
    int16_t kernel_height;     /* >= 1 */
    int16_t runs;              /* of a row: kernel_width, or 1 */
    int16_t run_bytes;         /* channels / groups, >= 1; of one run kernel_width times that */
    int16_t run_step_bytes;    /* from one run to the next: dilation * channels */
    int16_t out_channels;      /* a multiple of groups */
    int16_t groups;            /* >= 1 */
    int16_t exception_count;
    int8_t input_zero_point;
    int8_t block;              /* output pixels at once: 4, 2 or 1 */
    int8_t whole_fours;        /* 1: run_bytes is a multiple of 4, and each run is padding as a whole or not at all */
} sx_conv2d_packed_s8;

/**
 * One output row of a 2-D convolution: what sx_conv2d_s8_tflite and sx_conv2d_s8_onnx compute, bit for bit.
 *
 * For `block` pixels at a time, the windows are gathered in scratch as columns; padding is the input zero point there.
 *
 * @param rows     kernel_height pointers to input rows [row_bytes]; NULL is a row of padding
 * @param out      output row [out_width][out_channels]; pixels are written from left to right, and those of a block after all
 *                 windows of the block were read, if groups is 1; else each group's after its part of the windows was read
 * @param scratch  aligned to 4 bytes. Its size in bytes, K being kernel_height * runs * run_bytes rounded up to a multiple of 4:
 *                 2 * block * K, or K where block is 1; and where whole_fours is 0, (block - 1) * step_bytes + run_bytes more
 */
void sx_conv2d_packed_s8_tflite(const sx_conv2d_packed_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);
void sx_conv2d_packed_s8_onnx(const sx_conv2d_packed_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
