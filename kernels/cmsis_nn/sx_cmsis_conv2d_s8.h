/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_CONV2D_S8_H
#define SX_CMSIS_CONV2D_S8_H

#include "sx_cmsis_nn.h"

/** Parameters of one 2-D convolution. */
typedef struct {
    cmsis_nn_conv_params parameters;
    cmsis_nn_dims input;      /* NHWC, n = 1 */
    cmsis_nn_dims filter;     /* n: output channels, c: input channels of one group */
    cmsis_nn_dims output;     /* NHWC, n = 1 */
    sx_cmsis_scaling scaling; /* per output channel */
    const int8_t *weights;    /* [filter.n][filter.h][filter.w][filter.c], zero point 0 */
    const int32_t *bias;      /* [output.c]; may be NULL where there is one group */
    int32_t scratch_bytes;    /* what arm_convolve_wrapper_s8_get_buffer_size() says */
} sx_cmsis_conv2d_s8_params;

/**
 * A 2-D convolution of a whole image, as sx_conv2d_s8.h defines it for the tflite rule.
 *
 * The 1x1 variant is for those that need no scratch: 1x1 windows without padding, in one group.
 *
 * @param rows     rows[0] is the input [h][w][c]
 * @param out      output [h][w][c]; must not overlap the input
 * @param scratch  scratch_bytes bytes, aligned to 4, of any content
 */
void sx_cmsis_conv2d_s8(const sx_cmsis_conv2d_s8_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);
void sx_cmsis_conv2d_1x1_s8(const sx_cmsis_conv2d_s8_params *p, const int8_t *const rows[], int8_t *out);

#endif
