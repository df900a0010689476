/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S16X8_H
#define SX_CONV2D_S16X8_H

#include "sx_requantize_s16.h"
#include "sx_transposed_conv2d.h"

/** Parameters of one 2-D convolution of int16 with symmetric int8 weights. All sizes are in elements. */
typedef struct {
    const int8_t *weights; /* [out_channels][kernel_height][kernel_width][in_channels / groups] */
    sx_requantize_s16 requantize;
    int32_t in_width, in_channels;
    int32_t out_width, out_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_width, dilation_width, pad_left;
    int32_t groups;
} sx_conv2d_s16x8;

/**
 * One output row; see sx_conv2d_s8.h, zero points being 0.
 *
 * @param rows  kernel_height pointers to input rows [in_width][in_channels] of int16; NULL is a row of padding
 * @param out   output row [out_width][out_channels] of int16; must not overlap `rows`
 */
void sx_conv2d_s16x8_tflite(const sx_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out);

/** Parameters of one 2-D depthwise convolution: weights are [kernel_height][kernel_width][out_channels], groups are unused. */
typedef sx_conv2d_s16x8 sx_depthwise_conv2d_s16x8;

/** One output row; output channel c reads input channel c / (out_channels / in_channels). Operands and output as above. */
void sx_depthwise_conv2d_s16x8_tflite(const sx_depthwise_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out);

/** Parameters of one fully connected layer. */
typedef struct {
    const int8_t *weights; /* [out_features][in_features], symmetric */
    sx_requantize_s16 requantize;
    int32_t batch, in_features, out_features;
} sx_fully_connected_s16x8;

/**
 * @param rows  rows[0] is the input [batch][in_features] of int16
 * @param out   output [batch][out_features] of int16; must not overlap the input
 */
void sx_fully_connected_s16x8_tflite(const sx_fully_connected_s16x8 *p, const int8_t *const rows[], int8_t *out);

/** Parameters of one 2-D transposed convolution. */
typedef struct {
    const int8_t *weights; /* [out_channels][kernel_height][kernel_width][in_channels / groups], symmetric */
    sx_requantize_s16 requantize;
    sx_transposed_conv2d_shape shape;
} sx_transposed_conv2d_s16x8;

/** As sx_transposed_conv2d_s8.h, zero points being 0; input and output are int16 and must not overlap. */
void sx_transposed_conv2d_s16x8_tflite(const sx_transposed_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out);

#endif
