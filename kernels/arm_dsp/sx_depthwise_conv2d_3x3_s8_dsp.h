/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_3X3_S8_DSP_H
#define SX_DEPTHWISE_CONV2D_3X3_S8_DSP_H

#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/**
 * Parameters of a depthwise 3x3 convolution, stride 1 or 2, without dilation, one output channel per input channel.
 *
 * Each channel has four little-endian words: its bias, and bytes w[ky][kx] in the order that SXTB16 wants, which
 * leaves room for the shift of its requantisation (`onnx`: 0):
 *
 *     w00 w01 w10 w11    w02 w20 w12 w21    w21 0 w22 shift
 */
typedef struct {
    const int32_t *weights;    /* [channels][4] */
    const int32_t *multiplier; /* [channels]; see sx_requantize_s8_dsp */
    int16_t in_width;          /* >= 1 */
    int16_t channels;          /* >= 1 */
    int16_t out_width;         /* >= 1 */
    int16_t pad_left;          /* >= 0; padding on the right is what out_width needs */
    int8_t form;               /* of sx_requantize_run_s8_dsp.h */
    int8_t input_zero_point;   /* the weights' is 0 */
    int8_t stride_width;       /* 1 or 2 */
    int8_t block;              /* output pixels at a time: 1..SX_DEPTHWISE_3X3_BLOCK(stride_width), even unless the only block */
    int8_t zero_point;         /* of the output */
    int8_t minimum, maximum;   /* clamp limits, fused activation included: minimum <= maximum */
} sx_depthwise_conv2d_3x3_s8_dsp;

#define SX_DEPTHWISE_3X3_COLUMNS 16
#define SX_DEPTHWISE_3X3_SHIFT 15 /* which byte of a channel */
#define SX_DEPTHWISE_3X3_BLOCK(stride) ((SX_DEPTHWISE_3X3_COLUMNS - 2) / (stride))
#define SX_DEPTHWISE_3X3_SCRATCH_BYTES (6 * 4 * SX_DEPTHWISE_3X3_COLUMNS)

/**
 * What sx_depthwise_conv2d_s8_tflite and sx_depthwise_conv2d_s8_onnx compute, bit for bit, with the DSP extension.
 *
 * @param rows     3 pointers to input rows [in_width][channels], at any address; NULL is a row of padding
 * @param out      output row [out_width][channels]; blocks of pixels are written from left to right, each channel of a block
 *                 after the inputs of its four were read; it may overlap `rows` where that overwrites nothing that this or
 *                 a later block still reads
 * @param scratch  SX_DEPTHWISE_3X3_SCRATCH_BYTES, aligned to 4 bytes
 */
void sx_depthwise_conv2d_3x3_s8_dsp_tflite(const sx_depthwise_conv2d_3x3_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                           int8_t *scratch);
void sx_depthwise_conv2d_3x3_s8_dsp_onnx(const sx_depthwise_conv2d_3x3_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                         int8_t *scratch);

#endif
