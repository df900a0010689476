/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_DSP_H
#define SX_DEPTHWISE_CONV2D_S8_DSP_H

#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/**
 * Some of a window's weights, taken two at a time: pairs t = 0..taps-1 of inputs (a, b) `dilation` apart, in units of the stride.
 * Columns count from the window's first; rows are those of the call.
 */
typedef struct {
    int16_t a_row, a_column; /* of the first pair */
    int16_t b_row, b_column;
    int16_t taps;     /* >= 1; at most 1 + (SX_DEPTHWISE_COLUMNS - block) / dilation */
    int16_t dilation; /* >= 0 */
} sx_depthwise_pass;

/**
 * Parameters of a depthwise convolution. Output channel o = c * channel_multiplier + m sees input channel c. Each window is a sum
 * over passes; a word of weights has two pairs, the bytes a[t] a[t+1] b[t] b[t+1], the second one 0 behind an odd last.
 */
typedef struct {
    const int32_t *weights;  /* [out_channels][words], little-endian */
    const int32_t *bias;     /* [out_channels], or NULL */
    const int16_t *passes;   /* [pass_count][6]: sx_depthwise_pass */
    sx_requantize_s8_dsp requantize;
    int32_t form;               /* of sx_requantize_run_s8_dsp.h */
    int32_t input_zero_point;   /* -128..127; the weights' is 0 */
    int32_t in_width;           /* >= 1 */
    int32_t in_channels;        /* >= 1 */
    int32_t out_width;          /* >= 1 */
    int32_t channel_multiplier; /* >= 1 */
    int32_t stride_width;       /* >= 1 */
    int32_t pad_left;           /* >= 0; padding on the right is what out_width needs */
    int32_t block;              /* output pixels at a time: 4, 8, 12 or 16 */
    int32_t pass_count;         /* >= 1 */
    int32_t words;              /* of weights, per channel */
} sx_depthwise_conv2d_s8_dsp;

#define SX_DEPTHWISE_COLUMNS 16

/**
 * What sx_depthwise_conv2d_s8_tflite and sx_depthwise_conv2d_s8_onnx compute, bit for bit, with the DSP extension.
 *
 * @param rows     pointers to input rows [in_width][in_channels], at any address; NULL is a row of padding
 * @param out      output row [out_width][out_channels]; blocks of pixels are written from left to right, each channel of a block
 *                 after the inputs of its four were read; it may overlap `rows` where that overwrites nothing that this or
 *                 a later block still reads
 * @param scratch  int32 [4][SX_DEPTHWISE_COLUMNS], then [channel_multiplier * the lesser of 4 and in_channels][block]
 */
void sx_depthwise_conv2d_s8_dsp_tflite(const sx_depthwise_conv2d_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                       int8_t *scratch);
void sx_depthwise_conv2d_s8_dsp_onnx(const sx_depthwise_conv2d_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                     int8_t *scratch);

#endif
