/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_PACKED_S8_BODY_H
#define SX_CONV2D_PACKED_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_columns_s8_dsp.h"
#include "sx_conv2d_packed_s8.h"
#include "sx_matmul_s8_dsp.h"
#include "sx_outputs_s8_dsp.h"

/** What all pixels of a group share. */
typedef struct {
    const sx_requantize_s8_dsp *requantize;
    const int32_t *w, *bias;
    int32_t fours, first, end; /* channels [first, end) */
    int32_t pixel;             /* bytes from the outputs of one pixel to those of the next */
} sx_conv2d_group;

/**
 * Gather the windows of `count` pixels, the first of which begins at byte `at` of its rows, as columns; where there are more of
 * these, they repeat the last window. A single column has `fours` fours.
 */
static SX_NOINLINE void sx_conv2d_gather(const sx_conv2d_packed_s8 *p, const int8_t *const rows[], int32_t at,
                                         uint32_t *scratch, int32_t count, int32_t columns, int32_t fours)
{
    const int32_t run_bytes = p->run_bytes;
    for (int32_t i = 0; i < count || i < columns; ++i) {
        sx_column column = {scratch + ((columns == 1) ? i * fours : i), columns, 0, 0};
        for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
            const int8_t *const row = rows[ky];
            int32_t first = at;
            for (int32_t run = p->runs; run > 0; --run) {
                if (row != NULL && first >= 0 && first + run_bytes <= p->row_bytes && (run_bytes & 3) == 0) {
                    sx_put_fours(&column, row + first, run_bytes / 4);
                } else {
                    sx_put_run(&column, row, (row != NULL) ? p->row_bytes : 0, first, run_bytes, p->input_zero_point);
                }
                first += p->run_step_bytes;
            }
        }
        if (column.bits > 0) {
            sx_put_bits(&column, 0, 32 - column.bits);
        }
        at += (i + 1 < count) ? p->step_bytes : 0;
    }
}

/** Outputs of the 3 or 4 pixels in four columns. The fourth column repeats the third where there are 3. */
static inline void sx_conv2d_put_4(sx_conv2d_group g, const uint32_t *x, int32_t count, int8_t *out, sx_rule rule)
{
    const sx_requantize_s8_dsp *q = g.requantize;
    const int32_t zero = (rule == SX_RULE_TFLITE) ? 2 * q->zero_point + 1 : q->zero_point;
    const int8_t *shift = (rule == SX_RULE_TFLITE) ? q->shift + g.first : NULL;
    const sx_matmul_block block = {
        .eights = x + (g.fours & ~3) * 8, .end = x + g.fours * 8, .x = x, .bias = g.bias,
        .multiplier = q->multiplier + g.first, .shift = shift, .zero = zero,
        .pixel = g.pixel, .last_pixel = (count - 1) * g.pixel, .out = out,
        .channels = g.end - g.first, .next = 4 - 16 * g.fours, .both = -16 * g.fours, .w = g.w,
    };
    sx_matmul_4x2(&block, rule);
}

/** Outputs of the two pixels in two columns. */
static inline void sx_conv2d_put_2(sx_conv2d_group g, const uint32_t *x, int8_t *out, sx_rule rule)
{
    for (int32_t channel = g.first; channel < g.end; channel += 4) {
        int32_t sum[8] = {g.bias[0], g.bias[1], g.bias[2], g.bias[3], g.bias[0], g.bias[1], g.bias[2], g.bias[3]};
        sx_matmul_2x4(sum, x, g.w, g.fours);
        for (int32_t i = 0; i < 4 && channel + i < g.end; ++i) {
            const sx_requantize_channel numbers = sx_requantize_load(g.requantize, channel + i, rule);
            out[g.pixel] = (int8_t)sx_requantize_short(sum[4 + i], numbers, rule);
            *out++ = (int8_t)sx_requantize_short(sum[i], numbers, rule);
        }
        g.w += 4 * g.fours;
        g.bias += 4;
    }
}

/** See sx_conv2d_packed_s8.h. */
static inline void sx_conv2d_packed_s8_body(const sx_conv2d_packed_s8 *p, const int8_t *const rows[], int8_t *out,
                                            uint32_t *scratch, sx_rule rule)
{
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t fours = (p->kernel_height * p->runs * p->run_bytes + 3) / 4;
    const int32_t padded_out = (group_out + 3) & ~3;
    const int32_t most = (p->requantize.short_shifts != 0 && p->requantize.narrow == 0) ? p->block : 1;
    int32_t at = -p->pad_bytes;
    for (int32_t x = 0; x < p->out_width; x += p->block) {
        const int32_t left = p->out_width - x;
        const int32_t count = (left < p->block) ? left : p->block;
        const int32_t columns = (most == 4 && count > 2) ? 4 : (most > 1 && count == 2) ? 2 : 1;
        sx_conv2d_group g = {&p->requantize, p->weights, p->bias, fours, 0, group_out, p->out_channels};
        int32_t first = at;
        for (; g.first < p->out_channels; g.first = g.end, g.end += group_out) {
            int8_t *const group = out + g.first;
            sx_conv2d_gather(p, rows, first, scratch, count, columns, fours);
            if (columns == 4) {
                sx_conv2d_put_4(g, scratch, count, group, rule);
            } else if (columns == 2) {
                sx_conv2d_put_2(g, scratch, group, rule);
            } else {
                for (int32_t i = 0; i < count; ++i) {
                    sx_put_column(g.requantize, (const int8_t *)(scratch + i * fours), 4 * fours, g.w, g.bias, g.first,
                                  g.end, group + i * g.pixel, rule);
                }
            }
            g.w += padded_out * fours;
            g.bias += padded_out;
            first += p->run_bytes;
        }
        at += count * p->step_bytes;
        out += count * p->out_channels;
    }
}

#endif
