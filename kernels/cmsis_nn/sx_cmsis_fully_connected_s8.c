/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cmsis_fully_connected_s8.h"

void sx_cmsis_fully_connected_s8(const sx_cmsis_fully_connected_s8_params *p, const int8_t *const rows[], int8_t *out)
{
    /* Without MVE there are no sums of weights to keep. */
    const cmsis_nn_context context = {.buf = NULL, .size = 0};
    const cmsis_nn_quant_params scaling = {
        .multiplier = sx_cmsis_read_only(p->scaling.multiplier),
        .shift = sx_cmsis_read_only(p->scaling.shift),
        .is_per_channel = p->is_per_channel,
    };
    const cmsis_nn_dims bias = {.n = 1, .h = 1, .w = 1, .c = p->output.c};

    (void)arm_fully_connected_wrapper_s8(&context, &p->parameters, &scaling, &p->input, rows[0], &p->filter,
                                         p->weights, &bias, p->bias, &p->output, out);
}
