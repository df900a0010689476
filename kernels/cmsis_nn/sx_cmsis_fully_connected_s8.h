/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_FULLY_CONNECTED_S8_H
#define SX_CMSIS_FULLY_CONNECTED_S8_H

#include "sx_cmsis_nn.h"

/** Parameters of one fully connected layer. */
typedef struct {
    cmsis_nn_fc_params parameters;
    cmsis_nn_dims input;      /* n: batch, c: input features */
    cmsis_nn_dims filter;     /* n: input features, c: output features */
    cmsis_nn_dims output;     /* n: batch, c: output features */
    sx_cmsis_scaling scaling; /* per output feature, or one */
    const int8_t *weights;    /* [output.c][input.c] */
    const int32_t *bias;      /* [output.c], or NULL */
    int32_t is_per_channel;   /* whether there is a scaling per output feature */
} sx_cmsis_fully_connected_s8_params;

/**
 * A fully connected layer, as sx_fully_connected_s8.h defines it for the tflite rule.
 *
 * @param rows  rows[0] is the input [batch][input features]
 * @param out   output [batch][output features]; must not overlap the input
 */
void sx_cmsis_fully_connected_s8(const sx_cmsis_fully_connected_s8_params *p, const int8_t *const rows[], int8_t *out);

#endif
