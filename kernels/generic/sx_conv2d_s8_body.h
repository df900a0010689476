/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_BODY_H
#define SX_CONV2D_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_columns.h"
#include "sx_conv2d_s8.h"
#include "sx_dot_s8.h"

/** Adjoining input bytes that meet adjoining weights: `count` runs of `bytes`, `step` apart in the input row. */
typedef struct {
    int32_t count, bytes, step;
} sx_conv2d_runs;

/** The runs of one kernel row: one for all columns where the input has no gaps between them, else one per column. */
static inline sx_conv2d_runs sx_conv2d_runs_of(const sx_conv2d_s8 *p, sx_columns columns, int32_t group_in)
{
    const int32_t width = columns.last - columns.first;
    sx_conv2d_runs runs = {width, group_in, p->dilation_width * p->in_channels};
    if (p->groups == 1 && p->dilation_width == 1 && width > 0) {
        runs.count = 1;
        runs.bytes = width * group_in;
    }
    return runs;
}

/**
 * The sum of one output element, without its bias. `offset` in each row and `w` in the weights belong to the first
 * channel of the group in the first kernel column inside the row; `w_row` is the length of a kernel row.
 */
static inline int32_t sx_conv2d_s8_sum(const sx_conv2d_s8 *p, const int8_t *const rows[], int32_t offset,
                                       const int8_t *w, int32_t w_row, sx_conv2d_runs runs, sx_dot *dot)
{
    const int32_t kernel_height = p->kernel_height;
    const int32_t x_zero = p->input_zero_point;
    const int32_t w_zero = p->weights_zero_point;
    int32_t sum = 0;
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        if (rows[ky] != NULL && runs.count > 0) {
            const int8_t *x = rows[ky] + offset;
            const int8_t *w_run = w;
            for (int32_t i = 0; i < runs.count; ++i) {
                sum += dot(x, w_run, runs.bytes, x_zero, w_zero);
                x += runs.step;
                w_run += runs.bytes;
            }
        }
        w += w_row;
    }
    return sum;
}

/** See sx_conv2d_s8.h. */
static inline void sx_conv2d_s8_body(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                     sx_requantize_rule *rule, sx_dot *dot)
{
    const sx_requantize_s8 requantize = p->requantize;
    const int32_t group_in = p->in_channels / p->groups;
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t w_row = p->kernel_width * group_in;
    const int32_t w_channel = p->kernel_height * w_row;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const sx_conv2d_runs runs = sx_conv2d_runs_of(p, columns, group_in);
        const int8_t *w = p->weights + columns.first * group_in;
        int32_t offset = (x + columns.first * p->dilation_width) * p->in_channels;
        int32_t channel = 0;
        for (int32_t group_end = group_out; group_end <= p->out_channels; group_end += group_out) {
            for (; channel < group_end; ++channel) {
                const int32_t bias = (p->bias != NULL) ? p->bias[channel] : 0;
                const int32_t sum = sx_conv2d_s8_sum(p, rows, offset, w, w_row, runs, dot);
                *out++ = rule(bias + sum, &requantize, channel);
                w += w_channel;
            }
            offset += group_in;
        }
        x += p->stride_width;
    }
}

#endif
