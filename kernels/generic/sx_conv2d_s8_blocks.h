/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_S8_BLOCKS_H
#define SX_CONV2D_S8_BLOCKS_H

#include "sx_conv2d_s8_body.h"
#include "sx_dot4_s8.h"
#include "sx_store_s8.h"

/** As sx_conv2d_s8_sum, for four channels in a row. */
static inline void sx_conv2d_s8_sums4(int32_t sums[4], const sx_conv2d_s8 *p, const int8_t *const rows[],
                                      int32_t offset, const int8_t *w, int32_t w_row, sx_conv2d_runs runs)
{
    const int32_t kernel_height = p->kernel_height;
    const int32_t w_channel = kernel_height * w_row;
    const int32_t x_zero = p->input_zero_point;
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        if (rows[ky] != NULL) {
            const int8_t *x = rows[ky] + offset;
            const int8_t *w_run = w;
            for (int32_t i = 0; i < runs.count; ++i) {
                sx_dot4_s8(sums, x, w_run, w_channel, runs.bytes, x_zero);
                x += runs.step;
                w_run += runs.bytes;
            }
        }
        w += w_row;
    }
}

/** See sx_conv2d_s8.h: four channels at a time where weights are symmetric, the rest of each group one by one. */
static inline void sx_conv2d_s8_blocks(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out, sx_store_s8 *store)
{
    const int32_t group_in = p->in_channels / p->groups;
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t in_blocks = (p->weights_zero_point == 0) ? group_out & ~3 : 0;
    const int32_t w_row = p->kernel_width * group_in;
    const int32_t w_channel = p->kernel_height * w_row;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const sx_conv2d_runs runs = sx_conv2d_runs_of(p, columns, group_in);
        const int8_t *w = p->weights + columns.first * group_in;
        int32_t offset = (x + columns.first * p->dilation_width) * p->in_channels;
        int32_t channel = 0;
        for (int32_t end = group_out; end <= p->out_channels; end += group_out) {
            const int32_t blocks_end = channel + in_blocks;
            while (channel < end) {
                int32_t sums[4] = {0, 0, 0, 0};
                int32_t count = 4;
                if (channel < blocks_end) {
                    sx_conv2d_s8_sums4(sums, p, rows, offset, w, w_row, runs);
                } else {
                    sums[0] = sx_conv2d_s8_sum(p, rows, offset, w, w_row, runs, sx_dot_s8);
                    count = 1;
                }
                store(out, sums, count, p->bias, &p->requantize, channel);
                out += count;
                channel += count;
                w += count * w_channel;
            }
            offset += group_in;
        }
        x += p->stride_width;
    }
}

#endif
