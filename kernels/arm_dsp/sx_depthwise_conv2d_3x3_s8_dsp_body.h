/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_3X3_S8_DSP_BODY_H
#define SX_DEPTHWISE_CONV2D_3X3_S8_DSP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_depthwise_3x3_quick_s8_dsp.h"
#include "sx_depthwise_conv2d_3x3_s8_dsp.h"
#include "sx_port.h"

/*
 * Six planes of a block of columns: of four channels the pairs of rows 0 and 1, then row 2 of channels 0 and 2, of 1 and 3.
 * A channel's sums overwrite its plane.
 */
_Static_assert(SX_PLANE_COLUMNS == SX_DEPTHWISE_3X3_COLUMNS, "one size of planes");

/** The weights of one channel as pairs of halves. */
typedef struct {
    uint32_t column[3]; /* (w0x, w1x) */
    uint32_t left;      /* (w20, w21) */
    uint32_t right;     /* (w21, w22) */
    int32_t bias;
} sx_depthwise_3x3_weights;

/** One block of output pixels, all channels. */
typedef struct {
    const int8_t *x[3];         /* the rows at column `before`; a row that is padding has another's address */
    int32_t rows, rows01, row2; /* as in sx_depthwise_3x3_job */
    int32_t count;              /* output pixels */
    int32_t columns;            /* of the planes */
    int32_t before, end;        /* columns that are inside the rows; the others are padding */
} sx_depthwise_3x3_block;

/* What is not for the assembly, or seldom called, is kept out of line: inlined, it would be unrolled more than once. */

/** Transpose `count` columns of up to four channels from `base` on; x[i] is row i at the first. `step` channels are a pixel. */
static SX_RARE void sx_depthwise_3x3_columns(uint32_t *plane, const int8_t *const x[3], int32_t count, int32_t base,
                                             int32_t step, uint32_t offset)
{
    for (int32_t column = 0; column < count; ++column) {
        const int32_t at = base + column * step;
        const uint32_t row2 = sx_load_channels(x[2] + at, step);
        sx_store_pairs(plane + column, sx_load_channels(x[0] + at, step), sx_load_channels(x[1] + at, step), offset);
        plane[4 * SX_PLANE_COLUMNS + column] = sx_offset_even(offset, row2);
        plane[5 * SX_PLANE_COLUMNS + column] = sx_offset_odd(offset, row2);
    }
}

/** How the sums of one channel are requantised in any form. */
static inline sx_requantize_s8_dsp sx_depthwise_3x3_requantize(const sx_depthwise_conv2d_3x3_s8_dsp *p, int32_t channel)
{
    const sx_requantize_s8_dsp one = {
        .multiplier = p->multiplier + channel,
        .shift = (const int8_t *)(p->weights + 4 * channel) + SX_DEPTHWISE_3X3_SHIFT,
        .zero_point = p->zero_point, .minimum = p->minimum, .maximum = p->maximum,
    };
    return one;
}

#if SX_HAS_DSP

/** The outputs of channels [channel, end) of a block once more, from the sums that the assembly leaves: `sums` of the first. */
static SX_RARE void sx_depthwise_3x3_again(const sx_depthwise_conv2d_3x3_s8_dsp *p, const uint32_t *sums, int32_t count,
                                           int32_t channel, int32_t end, int8_t *out, sx_rule rule)
{
    for (; channel < end; ++channel) {
        const sx_requantize_s8_dsp one = sx_depthwise_3x3_requantize(p, channel);
        for (int32_t i = 0; i < count; ++i) {
            out[i * p->channels + channel] = (int8_t)sx_requantize_any((int32_t)sums[i], &one, 0, rule);
        }
        sums += SX_PLANE_COLUMNS;
    }
}

/** All channels of a block. */
static inline void sx_depthwise_3x3_channels(const sx_depthwise_conv2d_3x3_s8_dsp *p, const sx_depthwise_3x3_block *block,
                                             int8_t *out, uint32_t *planes, sx_rule rule)
{
    const int32_t channels = p->channels, before = block->before, inside = block->end - before;
    const int32_t most = (channels < 4) ? channels : 4;
    const uint32_t offset = sx_zero_offset(p->input_zero_point);
    const bool is_exact = p->form >= SX_RUN_QUICK && (rule == SX_RULE_TFLITE || !SX_SOFT_FLOAT);
    const bool by_pairs = channels >= 4 && inside >= 2;
    /* Sums are in columns 1 to count, of a single one in two. */
    const int32_t written = (block->count > 1) ? block->count + 1 : 3;
    sx_depthwise_3x3_job job = {
        .rows = block->rows,
        .weights = p->weights,
        .multiplier = p->multiplier,
        .out = out,
        .more = block->count - 1,
        .zero_point = p->zero_point,
        .step = channels,
        .minus_step = -channels,
        .one = 1,
        .rows01 = block->rows01,
        .row2 = block->row2,
        .middle = planes + 2 * SX_PLANE_COLUMNS + 1,
        .stride = p->stride_width,
        .end = planes + most * SX_PLANE_COLUMNS + 1,
    };
    for (int32_t left = channels; left > 0; left -= 4) {
        /* The last group reaches back, so that no byte behind the row is read. */
        const int32_t done = (left < most) ? most - left : 0;
        job.plane = planes + done * SX_PLANE_COLUMNS + 1;
        const int32_t base = channels - left - done;
        if (by_pairs) {
            sx_depthwise_3x3_column_pairs(planes + before, block->x, inside, base, channels, offset);
        } else if (inside > 0) {
            sx_depthwise_3x3_columns(planes + before, block->x, inside, base, channels, offset);
        }
        sx_depthwise_3x3_quick(&job, rule);
        if (!is_exact) {
            /* Over what the assembly has written. */
            sx_depthwise_3x3_again(p, planes + done * SX_PLANE_COLUMNS + 1, block->count, base + done, base + most, out, rule);
        }
        /* What the sums have overwritten of the padding. */
        if (before > 1 || block->end < written) {
            sx_clear_columns(planes, 4, 1, before);
            sx_clear_columns(planes, 4, block->end, written);
        }
    }
}

#else

/** The sums of `count` output pixels, from the front of the channel's plane. */
static inline void sx_depthwise_3x3_sums(uint32_t *plane, int32_t count, int32_t stride, const sx_depthwise_3x3_weights *w,
                                         int32_t is_upper)
{
    const uint32_t *row2 = plane + (is_upper ? 2 : 4) * SX_PLANE_COLUMNS;
    for (int32_t i = 0; i < count; ++i) {
        const uint32_t *x = plane + i * stride;
        const uint32_t *y = row2 + i * stride;
        int32_t sum = w->bias;
        for (int32_t k = 0; k < 3; ++k) {
            sum = sx_multiply_halves(x[k], w->column[k], sum);
        }
        const uint32_t pair = is_upper ? (y[0] >> 16 | (y[1] & 0xFFFF0000u)) : ((y[0] & 0xFFFFu) | y[1] << 16);
        sum = sx_multiply_halves(pair, w->left, sum);
        plane[i] = (uint32_t)sx_multiply_halves(is_upper ? y[2] : y[2] << 16, w->right & 0xFFFF0000u, sum);
    }
}

/** The weights of a channel from its four words, 0 for rows of padding. */
static inline sx_depthwise_3x3_weights sx_depthwise_3x3_load(const int32_t *words, uint32_t rows01, uint32_t row2)
{
    const uint32_t top = (uint32_t)words[1], right = (uint32_t)words[2];
    const sx_depthwise_3x3_weights w = {
        .column = {sx_offset_even(0, top) & rows01, sx_offset_odd(0, top) & rows01, sx_offset_even(0, right) & rows01},
        .left = sx_offset_odd(0, right) & row2,
        .right = sx_offset_even(0, (uint32_t)words[3]) & row2,
        .bias = words[0],
    };
    return w;
}

/** The four channels from `base`, of which those before `channel` are done already. */
static SX_NOINLINE void sx_depthwise_3x3_group(const sx_depthwise_conv2d_3x3_s8_dsp *p, const sx_depthwise_3x3_block *block,
                                          int32_t base, int32_t channel, int8_t *out, uint32_t *planes, sx_rule rule)
{
    if (block->before < block->end) {
        sx_depthwise_3x3_columns(planes + block->before, block->x, block->end - block->before, base, p->channels,
                                 sx_zero_offset(p->input_zero_point));
    }
    for (; channel < base + 4 && channel < p->channels; ++channel) {
        uint32_t *const plane = planes + (channel - base) * SX_PLANE_COLUMNS;
        const int32_t *const words = p->weights + 4 * channel;
        const sx_depthwise_3x3_weights w = sx_depthwise_3x3_load(words, (uint32_t)block->rows01, (uint32_t)block->row2);
        const sx_requantize_s8_dsp one = sx_depthwise_3x3_requantize(p, channel);
        sx_depthwise_3x3_sums(plane, block->count, p->stride_width, &w, channel - base >= 2);
        for (int32_t i = 0; i < block->count; ++i) {
            out[i * p->channels + channel] = (int8_t)sx_requantize_any((int32_t)plane[i], &one, 0, rule);
        }
    }
}

/** All channels of a block. */
static inline void sx_depthwise_3x3_channels(const sx_depthwise_conv2d_3x3_s8_dsp *p, const sx_depthwise_3x3_block *block,
                                             int8_t *out, uint32_t *planes, sx_rule rule)
{
    const int32_t channels = p->channels;
    for (int32_t channel = 0; channel < channels; channel += 4) {
        const int32_t base = (channel + 4 <= channels || channels < 4) ? channel : channels - 4;
        sx_depthwise_3x3_group(p, block, base, channel, out, planes, rule);
        sx_clear_columns(planes, 4, 0, block->before);
        sx_clear_columns(planes, 4, block->end, block->count);
    }
}

#endif

/** The block of output pixels from `first` on. */
static SX_NOINLINE SX_SMALL sx_depthwise_3x3_block sx_depthwise_3x3_block_at(const sx_depthwise_conv2d_3x3_s8_dsp *p,
                                                               const int8_t *const rows[], int32_t first)
{
    const int8_t *const any = (rows[0] != NULL) ? rows[0] : (rows[1] != NULL) ? rows[1] : rows[2];
    const int32_t left = p->out_width - first;
    const int32_t count = (left < p->block) ? left : p->block;
    const int32_t x = first * p->stride_width - p->pad_left;
    const int32_t columns = (count - 1) * p->stride_width + 3;
    const int32_t inside = (any == NULL) ? 0 : (p->in_width - x < columns) ? p->in_width - x : columns;
    sx_depthwise_3x3_block block = {.count = count, .columns = columns};
    block.before = (x >= 0) ? 0 : (-x < columns) ? -x : columns;
    block.end = (inside > block.before) ? inside : block.before;
    block.rows01 = (int32_t)(((rows[0] != NULL) ? 0xFFFFu : 0u) | ((rows[1] != NULL) ? 0xFFFF0000u : 0u));
    block.row2 = (rows[2] != NULL) ? -1 : 0;
    block.rows = (block.rows01 == -1 && block.row2 == -1) ? SX_ALL_ROWS : 0;
    for (int32_t i = 0; i < 3 && block.before < block.end; ++i) {
        block.x[i] = ((rows[i] != NULL) ? rows[i] : any) + (x + block.before) * p->channels;
    }
    return block;
}

/** See sx_depthwise_conv2d_3x3_s8_dsp.h. */
static inline void sx_depthwise_conv2d_3x3_s8_dsp_body(const sx_depthwise_conv2d_3x3_s8_dsp *p, const int8_t *const rows[],
                                                       int8_t *out, int8_t *scratch, sx_rule rule)
{
    uint32_t *const planes = (uint32_t *)(void *)scratch;
    for (int32_t first = 0; first < p->out_width; first += p->block) {
        const sx_depthwise_3x3_block block = sx_depthwise_3x3_block_at(p, rows, first);
        sx_clear_columns(planes, 6, 0, block.before);
        sx_clear_columns(planes, 6, block.end, block.columns);
        sx_depthwise_3x3_channels(p, &block, out, planes, rule);
        out += block.count * p->channels;
    }
}

#endif
