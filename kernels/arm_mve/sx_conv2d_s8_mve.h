/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_MVE_H
#define SX_CONV2D_S8_MVE_H

#include <stdint.h>

#include "sx_requantize_mve.h"

/** Parameters of one 2-D convolution. All sizes are in elements; window = kernel_height * kernel_width * in_channels / groups. */
typedef struct {
    const int8_t *weights;      /* in blocks, see sx_dots_s8_mve: [groups][out_channels / groups / 4][window / 16][4][16] */
    const int32_t *bias;        /* [groups][out_channels / groups, filled up]: bias[o] - input_zero_point * sum over k of
                                   (weights[o][k] - weights_zero_point) */
    sx_requantize_s8_mve requantize; /* in the same order */
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
    int32_t pixels_at_a_time;   /* 1; or 2..16 where groups is 1, window at most 32, and weights_zero_point 0 */
} sx_conv2d_s8_mve;

/**
 * One output row of a 2-D convolution: what sx_conv2d_s8_<rule> computes, bit for bit. Sums wrap; the one with the bias as
 * it was must fit in an int32_t.
 *
 * @param rows     kernel_height pointers to input rows [in_width][in_channels]; NULL is a row of padding
 * @param out      output row [out_width][out_channels]; its pixels are written from left to right, pixels_at_a_time after their
 *                 windows were read; it may overlap `rows` where that overwrites nothing that is still to be read
 * @param scratch  the windows of these pixels, [pixels_at_a_time][groups][window]
 */
void sx_conv2d_s8_mve_tflite(const sx_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);
void sx_conv2d_s8_mve_onnx(const sx_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
