/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_S8_H
#define SX_AVERAGE_POOLING2D_S8_H

#include <stdint.h>

#include "sx_requantize.h"

/**
 * Parameters of one 2-D average pooling. A window's `count` is the number of its elements that are not padding.
 * input_zero_point, factor, factor_step and zero_point belong to the onnx rule; tflite needs equal input and output
 * quantization and ignores them.
 */
typedef struct {
    const int32_t *factor;    /* onnx: bits of float32 factors: for count at index (count - 1) * factor_step */
    int32_t factor_step;      /* onnx: 1: a factor for each count; 0: one factor for all (padding counts as well) */
    int32_t input_zero_point; /* onnx: -128..127 */
    int32_t zero_point;       /* onnx: of the output, -128..127 */
    int32_t minimum, maximum; /* clamp limits, fused activation included */
    int32_t in_width;         /* >= 1 */
    int32_t channels;         /* >= 1 */
    int32_t out_width;        /* >= 1 */
    int32_t kernel_height;    /* >= 1 */
    int32_t kernel_width;     /* >= 1 */
    int32_t stride_width;     /* >= 1 */
    int32_t pad_left;         /* >= 0; padding on the right is what out_width needs */
} sx_average_pooling2d_s8;

/**
 * One output row of a 2-D average pooling. With sum = the sum of the `count` elements of a window and channel:
 *
 *     tflite: out = clamp((sum +- count / 2) / count, minimum, maximum); the sign is that of sum, divisions truncate
 *     onnx:   out = clamp(rint(float32(sum - count * input_zero_point) * factor) + zero_point, minimum, maximum)
 *
 * Every window holds at least one element that is not padding. count must stay below 2^23.
 *
 * @param rows  kernel_height pointers to input rows [in_width][channels]; NULL is a row of padding
 * @param out   output row [out_width][channels]; its pixels are written from left to right, each channel after its
 *              window was read; it may overlap `rows` where that overwrites nothing that is still to be read
 */
void sx_average_pooling2d_s8_tflite(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_average_pooling2d_s8_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
