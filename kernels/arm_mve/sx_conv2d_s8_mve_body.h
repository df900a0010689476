/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_MVE_BODY_H
#define SX_CONV2D_S8_MVE_BODY_H

#include "sx_channels_s8_mve.h"
#include "sx_conv2d_s8_mve.h"
#include "sx_gather_s8_mve.h"

/** See sx_conv2d_s8_mve.h. */
static inline void sx_conv2d_s8_mve_body(const sx_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out,
                                         int8_t *scratch, sx_outputs_rule_mve *rule)
{
    const sx_requantize_s8_mve requantize = p->requantize;
    const int32_t groups = p->groups;
    const sx_gather_s8_mve gather = {
        .zero_point = p->input_zero_point,
        .in_width = p->in_width,
        .in_channels = p->in_channels,
        .kernel_height = p->kernel_height,
        .kernel_width = p->kernel_width,
        .dilation_width = p->dilation_width,
        .groups = groups,
        .group_channels = p->in_channels / groups,
    };
    const int32_t window = gather.kernel_height * gather.kernel_width * gather.group_channels;
    const int32_t group_out = p->out_channels / groups;
    const int32_t run = gather.kernel_width * gather.in_channels;
    const int32_t last_inside = sx_runs_adjoin_s8_mve(&gather, rows) ? gather.in_width - gather.kernel_width : -1;
    int32_t column = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        sx_channels_s8_mve next = {p->weights, p->bias, 0};
        const int8_t *x = scratch;
        if (column >= 0 && column <= last_inside) {
            sx_gather_inside_s8_mve(rows, gather.kernel_height, column * gather.in_channels, run, scratch);
        } else {
            sx_gather_window_s8_mve(&gather, rows, column, scratch);
        }
        for (int32_t group = 0; group < groups; ++group) {
            next = sx_window_channels_s8_mve(next, x, window, p->weights_zero_point, group_out, out, &requantize, rule);
            x += window;
            out += group_out;
        }
        column += p->stride_width;
    }
}

#endif
