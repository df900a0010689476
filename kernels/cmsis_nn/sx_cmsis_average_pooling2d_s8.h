/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_AVERAGE_POOLING2D_S8_H
#define SX_CMSIS_AVERAGE_POOLING2D_S8_H

#include "sx_cmsis_nn.h"

/** Parameters of one 2-D average pooling. */
typedef struct {
    cmsis_nn_pool_params parameters;
    cmsis_nn_dims input;   /* NHWC, n = 1 */
    cmsis_nn_dims filter;  /* only h and w */
    cmsis_nn_dims output;  /* NHWC, n = 1 */
    int32_t scratch_bytes; /* what arm_avgpool_s8_get_buffer_size() says */
} sx_cmsis_average_pooling2d_s8_params;

/**
 * A 2-D average pooling of a whole image, as sx_average_pooling2d_s8.h defines it for the tflite rule.
 *
 * @param rows     rows[0] is the input [h][w][c]
 * @param out      output [h][w][c]; must not overlap the input
 * @param scratch  scratch_bytes bytes, aligned to 4, of any content; cores without the DSP extension need none
 */
void sx_cmsis_average_pooling2d_s8(const sx_cmsis_average_pooling2d_s8_params *p, const int8_t *const rows[],
                                   int8_t *out);
void sx_cmsis_average_pooling2d_scratch_s8(const sx_cmsis_average_pooling2d_s8_params *p, const int8_t *const rows[],
                                           int8_t *out, int8_t *scratch);

#endif
