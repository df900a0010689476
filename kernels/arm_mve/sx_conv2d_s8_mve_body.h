/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_MVE_BODY_H
#define SX_CONV2D_S8_MVE_BODY_H

#include "sx_channels_s8_mve.h"
#include "sx_conv2d_s8_mve.h"
#include "sx_gather_s8_mve.h"
#include "sx_thin_s8_mve.h"

/** The windows of `pixels` pixels, one behind the other; the first kernel column of the first is input column `column`. */
static inline void sx_gather_pixels_s8_mve(const sx_gather_s8_mve *gather, const int8_t *const rows[], int32_t column,
                                           int32_t stride, int32_t pixels, int32_t last_inside, int8_t *to)
{
    const int32_t run = gather->kernel_width * gather->in_channels;
    for (int32_t i = 0; i < pixels; ++i) {
        if (column >= 0 && column <= last_inside) {
            sx_gather_inside_s8_mve(rows, gather->kernel_height, column * gather->in_channels, run, to);
        } else {
            sx_gather_window_s8_mve(gather, rows, column, to);
        }
        to += gather->kernel_height * run;
        column += stride;
    }
}

/** See sx_conv2d_s8_mve.h. */
static inline void sx_conv2d_s8_mve_body(const sx_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out,
                                         int8_t *scratch, sx_outputs_rule_mve *rule, sx_pixels_rule_mve *pixels_rule)
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
    const int32_t last_inside = sx_runs_adjoin_s8_mve(&gather, rows) ? gather.in_width - gather.kernel_width : -1;
    const int32_t group_out = p->out_channels / groups;
    const int32_t group_blocks = (group_out + 3) / 4;
    const int32_t group_bytes = 4 * group_blocks * ((window + 15) & ~15);
    const int32_t at_a_time = p->pixels_at_a_time;
    int32_t column = -p->pad_left;
    for (int32_t left = p->out_width; left > 0; left -= at_a_time) {
        const int32_t pixels = (left < at_a_time) ? left : at_a_time;
        sx_gather_pixels_s8_mve(&gather, rows, column, p->stride_width, pixels, last_inside, scratch);
        if (at_a_time > 1) {
            sx_thin_pixels_s8_mve(p->weights, p->bias, scratch, window, window, pixels, group_out, out, &requantize,
                                  pixels_rule);
        } else {
            for (int32_t group = 0; group < groups; ++group) {
                const int32_t block = group * group_blocks;
                sx_window_channels_s8_mve(p->weights + group * group_bytes, p->bias + 4 * block, scratch + group * window,
                                          window, p->weights_zero_point, group_out, out + group * group_out, &requantize,
                                          requantize.step * block, rule);
            }
        }
        out += pixels * p->out_channels;
        column += pixels * p->stride_width;
    }
}

#endif
