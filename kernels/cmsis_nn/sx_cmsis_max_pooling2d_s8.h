/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_MAX_POOLING2D_S8_H
#define SX_CMSIS_MAX_POOLING2D_S8_H

#include "sx_cmsis_nn.h"

/** Parameters of one 2-D maximum pooling. */
typedef struct {
    cmsis_nn_pool_params parameters;
    cmsis_nn_dims input;  /* NHWC, n = 1 */
    cmsis_nn_dims filter; /* only h and w */
    cmsis_nn_dims output; /* NHWC, n = 1 */
} sx_cmsis_max_pooling2d_s8_params;

/**
 * A 2-D maximum pooling of a whole image, as sx_max_pooling2d_s8.h defines it without dilation.
 *
 * @param rows  rows[0] is the input [h][w][c]
 * @param out   output [h][w][c]; must not overlap the input
 */
void sx_cmsis_max_pooling2d_s8(const sx_cmsis_max_pooling2d_s8_params *p, const int8_t *const rows[], int8_t *out);

#endif
