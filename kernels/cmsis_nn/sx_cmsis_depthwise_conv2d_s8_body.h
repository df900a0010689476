/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_DEPTHWISE_CONV2D_S8_BODY_H
#define SX_CMSIS_DEPTHWISE_CONV2D_S8_BODY_H

#include "sx_cmsis_depthwise_conv2d_s8.h"

/* Its status is not looked at: the rules take no convolution that it refuses. */
static inline void sx_cmsis_depthwise_conv2d_s8_body(const sx_cmsis_depthwise_conv2d_s8_params *p,
                                                     const int8_t *const rows[], int8_t *out, void *scratch)
{
    const cmsis_nn_context context = {.buf = scratch, .size = p->scratch_bytes};
    const cmsis_nn_per_channel_quant_params scaling = {
        .multiplier = sx_cmsis_read_only(p->scaling.multiplier),
        .shift = sx_cmsis_read_only(p->scaling.shift),
    };
    const cmsis_nn_dims bias = {.n = 1, .h = 1, .w = 1, .c = p->output.c};

    (void)arm_depthwise_conv_wrapper_s8(&context, &p->parameters, &scaling, &p->input, rows[0], &p->filter, p->weights,
                                        &bias, p->bias, &p->output, out);
}

#endif
