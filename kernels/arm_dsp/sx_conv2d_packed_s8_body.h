/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONV2D_PACKED_S8_BODY_H
#define SX_CONV2D_PACKED_S8_BODY_H

#include <stdbool.h>
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

/** Windows of `count` pixels, the first of which begins at byte `at` of its rows, and where they go. */
typedef struct {
    const sx_conv2d_packed_s8 *p;
    int32_t at, count;
    uint32_t *to;
    int32_t columns; /* 4 or 2 columns of pairs, of which those behind `count` repeat the last window; 1: `count` of bytes */
    int32_t fours;   /* of a column */
} sx_conv2d_windows;

/** A run of whole fours of each window, `first` in the first one; where it is padding, it is that as a whole. */
static inline uint32_t *sx_conv2d_put_runs(const sx_conv2d_windows *windows, const int8_t *row, int32_t first,
                                           int32_t bytes, uint32_t *to)
{
    const int32_t step = windows->p->step_bytes;
    const int32_t last = (windows->count - 1) * step;
    const int32_t row_bytes = windows->p->row_bytes;
    if (windows->columns == 4 && row != NULL && first >= 0 && first + last + bytes <= row_bytes) {
        return sx_put_four_columns(to, row + first, step, last, bytes / 4);
    }
    uint32_t *next = to;
    for (int32_t i = 0; i < windows->count || i < windows->columns; ++i) {
        uint32_t *const column = to + ((windows->columns == 1) ? i * windows->fours : i);
        uint32_t *const end = (row != NULL && first >= 0 && first < row_bytes)
                                  ? sx_put_fours(column, row + first, bytes / 4, windows->columns)
                                  : sx_put_same(column, windows->p->input_zero_point, bytes / 4, windows->columns);
        next = (i == 0) ? end : next;
        first += (i + 1 < windows->count) ? step : 0;
    }
    return next;
}

/** Gather windows whose runs are whole fours. */
static SX_NOINLINE SX_SMALL void sx_conv2d_gather(const sx_conv2d_windows *windows, const int8_t *const rows[])
{
    const sx_conv2d_packed_s8 *const p = windows->p;
    const int32_t all = p->runs * p->run_bytes;
    const int32_t end = windows->at + (windows->count - 1) * p->step_bytes + all;
    const bool at_once = p->run_step_bytes == p->run_bytes && windows->at >= 0 && end <= p->row_bytes;
    uint32_t *to = windows->to;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        const int32_t bytes = (at_once || rows[ky] == NULL) ? all : p->run_bytes;
        int32_t first = windows->at;
        for (int32_t left = all; left > 0; left -= bytes) {
            to = sx_conv2d_put_runs(windows, rows[ky], first, bytes, to);
            first += p->run_step_bytes;
        }
    }
}

/** What four windows have behind the fours of a run, as elements from `element` on. */
static inline void sx_conv2d_put_rest(uint32_t *columns, const int8_t *x, int32_t step, int32_t last, int32_t bytes,
                                      uint32_t element)
{
    for (; bytes > 0; --bytes) {
        int8_t *const to = (int8_t *)columns + sx_element_offset(element, 4);
        sx_put_element(to, x[0], 4);
        sx_put_element(to + 4, x[step], 4);
        sx_put_element(to + 8, x[2 * step], 4);
        sx_put_element(to + 12, x[last], 4);
        ++element;
        ++x;
    }
}

/** A run of fewer windows: its fours to `to`, what is behind them as elements from `element` on. */
static SX_NOINLINE SX_SMALL void sx_conv2d_put_few(const sx_conv2d_windows *windows, const int8_t *x, uint32_t *to, uint32_t element)
{
    const int32_t columns = windows->columns, next = (columns == 1) ? windows->fours : 1;
    const int32_t fours = windows->p->run_bytes / 4;
    int8_t *first = (int8_t *)windows->to;
    for (int32_t i = 0; i < windows->count; ++i) {
        (void)sx_put_fours(to, x, fours, columns);
        for (int32_t k = 4 * fours; k < windows->p->run_bytes; ++k) {
            const uint32_t at = element + (uint32_t)(k - 4 * fours);
            sx_put_element(first + sx_element_offset(at, (uint32_t)columns), x[k], columns);
        }
        to += next;
        first += 4 * next;
        x += windows->p->step_bytes;
    }
}

/** Gather windows whose runs are not whole fours, or padding in part: where they are, from a copy of their bytes. */
static SX_NOINLINE SX_SMALL void sx_conv2d_gather_ragged(const sx_conv2d_windows *windows, const int8_t *const rows[])
{
    const sx_conv2d_packed_s8 *const p = windows->p;
    const int8_t *const *const rows_end = rows + p->kernel_height;
    const int32_t columns = windows->columns, fours = p->run_bytes / 4;
    const int32_t rest = p->run_bytes - 4 * fours;
    const int32_t step = p->step_bytes, last = (windows->count - 1) * step;
    const int32_t bytes = last + p->run_bytes;
    int8_t *const copy = (int8_t *)(windows->to + ((p->block == 1) ? 1 : 2 * p->block) * windows->fours);
    uint32_t *to = windows->to;
    uint32_t element = 4 * (uint32_t)(p->kernel_height * p->runs * fours);
    for (; rows != rows_end; ++rows) {
        int32_t first = windows->at;
        for (int32_t run = 0; run < p->runs; ++run) {
            const int8_t *x = copy;
            if (*rows != NULL && first >= 0 && first + bytes <= p->row_bytes) {
                x = *rows + first;
            } else {
                sx_copy_padded(copy, *rows, (*rows != NULL) ? p->row_bytes : 0, first, bytes, p->input_zero_point);
            }
            if (columns == 4) {
                if (fours > 0) {
                    (void)sx_put_four_columns(to, x, step, last, fours);
                }
                sx_conv2d_put_rest(windows->to, x + 4 * fours, step, last, rest, element);
            } else {
                sx_conv2d_put_few(windows, x, to, element);
            }
            to += fours * ((columns == 1) ? 1 : 2 * columns);
            element += (uint32_t)rest;
            first += p->run_step_bytes;
        }
    }
}

/** Outputs of the pixels in 4 or 2 columns. The last column repeats the one before where there are more than pixels. */
static inline void sx_conv2d_put(sx_conv2d_group g, const sx_conv2d_windows *windows, int8_t *out, sx_rule rule)
{
    const sx_requantize_s8_dsp *const q = g.requantize;
    const uint32_t *const x = windows->to;
    const sx_matmul_block block = {
        .skip = sx_matmul_skip(g.fours, windows->columns), .end = x + g.fours * 2 * windows->columns, .x = x, .bias = g.bias,
        .multiplier = q->multiplier + g.first, .shift = sx_shift_of(q, g.first, rule), .zero = sx_zero_of(q, rule),
        .pixel = g.pixel, .last_pixel = (windows->count - 1) * g.pixel, .out = out,
        .channels = g.end - g.first, .next = 4 - 16 * g.fours, .both = -16 * g.fours, .w = g.w,
    };
    sx_matmul(&block, windows->columns, rule);
}

/** Outputs of one channel, for which the short form is not, once more: from the columns that the others have used. */
static inline void sx_conv2d_put_exception(sx_conv2d_group g, const sx_conv2d_windows *windows, int32_t channel,
                                           int8_t *out, sx_rule rule)
{
    const int32_t columns = windows->columns;
    const int32_t in_group = channel - g.first;
    const int32_t *const first = g.w + in_group / 4 * 4 * g.fours + in_group % 4 / 2;
    for (int32_t i = 0; i < windows->count; ++i) {
        const uint32_t *const x = windows->to + ((columns == 1) ? i * g.fours : i);
        int32_t sum = g.bias[in_group];
        for (int32_t pair = 0; pair < 2 * g.fours; ++pair) {
            const uint32_t four = x[(columns == 1) ? pair / 2 : pair * columns];
            const uint32_t halves = (columns != 1) ? four : (pair % 2 == 0) ? sx_even_bytes(four) : sx_odd_bytes(four);
            const uint32_t word = (uint32_t)first[2 * pair];
            sum = sx_multiply_halves(halves, (in_group % 2 == 0) ? sx_even_bytes(word) : sx_odd_bytes(word), sum);
        }
        out[i * g.pixel] = (int8_t)sx_requantize_any(sum, g.requantize, channel, rule);
    }
}

/** See sx_conv2d_packed_s8.h. */
static inline void sx_conv2d_packed_s8_body(const sx_conv2d_packed_s8 *p, const int8_t *const rows[], int8_t *out,
                                            uint32_t *scratch, sx_rule rule)
{
    const int32_t group_out = p->out_channels / p->groups;
    const int32_t fours = (p->kernel_height * p->runs * p->run_bytes + 3) / 4;
    const int32_t padded_out = (group_out + 3) & ~3;
    const int32_t most = sx_is_short(&p->requantize) ? p->block : 1;
    int32_t at = -p->pad_bytes;
    if (4 * fours != p->kernel_height * p->runs * p->run_bytes) {
        /* The last elements, which no run writes and weights of zero meet. */
        for (int32_t i = 0; i < ((p->block == 1) ? 1 : 2 * p->block) * fours; ++i) {
            scratch[i] = 0;
        }
    }
    for (int32_t x = 0; x < p->out_width; x += p->block) {
        const int32_t left = p->out_width - x;
        const int32_t count = (left < p->block) ? left : p->block;
        const int32_t columns = (most == 4 && count > 2) ? 4 : (most > 1 && count == 2) ? 2 : 1;
        sx_conv2d_group g = {&p->requantize, p->weights, p->bias, fours, 0, group_out, p->out_channels};
        int32_t first = at;
        for (; g.first < p->out_channels; g.first = g.end, g.end += group_out) {
            int8_t *const group = out + g.first;
            const sx_conv2d_windows windows = {p, first, count, scratch, columns, fours};
            if (p->whole_fours != 0) {
                sx_conv2d_gather(&windows, rows);
            } else {
                sx_conv2d_gather_ragged(&windows, rows);
            }
            if (columns > 1) {
                sx_conv2d_put(g, &windows, group, rule);
            } else {
                for (int32_t i = 0; i < count; ++i) {
                    sx_put_column(g.requantize, (const int8_t *)(scratch + i * fours), 4 * fours, g.w, g.bias, g.first,
                                  g.end, group + i * g.pixel, rule);
                }
            }
            for (int32_t i = 0; i < p->exception_count; ++i) {
                const int32_t channel = p->exceptions[i];
                if (channel >= g.first && channel < g.end) {
                    sx_conv2d_put_exception(g, &windows, channel, out + channel, rule);
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
