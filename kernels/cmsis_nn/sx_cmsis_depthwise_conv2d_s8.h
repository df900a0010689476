/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_DEPTHWISE_CONV2D_S8_H
#define SX_CMSIS_DEPTHWISE_CONV2D_S8_H

#include "sx_cmsis_nn.h"

/** Parameters of one depthwise 2-D convolution. */
typedef struct {
    cmsis_nn_dw_conv_params parameters;
    cmsis_nn_dims input;      /* NHWC, n = 1 */
    cmsis_nn_dims filter;     /* n = 1, c: output channels */
    cmsis_nn_dims output;     /* NHWC, n = 1 */
    sx_cmsis_scaling scaling; /* per output channel */
    const int8_t *weights;    /* [filter.h][filter.w][filter.c], zero point 0 */
    const int32_t *bias;      /* [output.c], or NULL */
    int32_t scratch_bytes;    /* what arm_depthwise_conv_wrapper_s8_get_buffer_size() says */
} sx_cmsis_depthwise_conv2d_s8_params;

/**
 * A depthwise 2-D convolution of a whole image, as sx_depthwise_conv2d_s8.h defines it for the tflite rule. Where
 * CMSIS-NN computes 3x3 windows by its own function, no window may reach two columns beyond the right edge.
 *
 * @param rows     rows[0] is the input [h][w][c]
 * @param out      output [h][w][c]; must not overlap the input
 * @param scratch  scratch_bytes bytes, aligned to 4, of any content; the other function is for those that need none
 */
void sx_cmsis_depthwise_conv2d_s8(const sx_cmsis_depthwise_conv2d_s8_params *p, const int8_t *const rows[],
                                  int8_t *out);
void sx_cmsis_depthwise_conv2d_scratch_s8(const sx_cmsis_depthwise_conv2d_s8_params *p, const int8_t *const rows[],
                                          int8_t *out, int8_t *scratch);

#endif
