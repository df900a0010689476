/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_MVE_BODY_H
#define SX_DEPTHWISE_CONV2D_S8_MVE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_depthwise_conv2d_s8_mve.h"
#include "sx_dot_s8_mve.h"
#include "sx_taps_s8_mve.h"

/** Some output pixels, and up to 16 channels of them. */
typedef struct {
    int32_t pixels;
    int32_t first;  /* input column of the first window that is inside the row */
    int32_t left, inside, right; /* input columns of all windows: padding, inside the row, padding */
    int32_t channel, channels;   /* the first, and how many */
} sx_depthwise_block;

/** The parts of the scratch buffer. */
typedef struct {
    int32_t *sums;    /* [4 fours of channels][pixels][4] */
    int8_t *laid_out; /* [columns][16][4] */
    int8_t *padding;  /* 16 times the zero point */
} sx_depthwise_scratch;

/** The block of `pixels` output pixels whose windows begin at input column `column` and reach over `columns`. */
static inline sx_depthwise_block sx_depthwise_block_at(int32_t pixels, int32_t column, int32_t columns, int32_t in_width)
{
    const int32_t end = column + columns;
    sx_depthwise_block block = {.pixels = pixels};
    block.first = (column < 0) ? 0 : column;
    block.left = (block.first < end) ? block.first - column : columns;
    block.inside = ((end < in_width) ? end : in_width) - block.first;
    block.inside = (block.inside > 0) ? block.inside : 0;
    block.right = columns - block.left - block.inside;
    return block;
}

/** Lay out the columns of padding, which are the same for all channels and kernel rows. */
static inline void sx_depthwise_lay_out_padding(const sx_depthwise_conv2d_s8_mve *p, const sx_depthwise_block *block,
                                                const sx_depthwise_scratch *scratch)
{
    int8_t *to = sx_fill_s8_mve(scratch->laid_out, p->input_zero_point, SX_COLUMN_BYTES * block->left);
    (void)sx_fill_s8_mve(to + SX_COLUMN_BYTES * block->inside, p->input_zero_point, SX_COLUMN_BYTES * block->right);
}

/** Lay out the columns inside the row, of the four kernel rows from `ky` on. */
static inline void sx_depthwise_lay_out(const sx_depthwise_conv2d_s8_mve *p, const int8_t *const rows[], int32_t ky,
                                        const sx_depthwise_block *block, const sx_depthwise_scratch *scratch)
{
    const int32_t offset = block->first * p->channels + block->channel;
    sx_four_rows four;
    for (int32_t i = 0; i < 4; ++i) {
        const int8_t *row = (ky + i < p->kernel_height) ? rows[ky + i] : NULL;
        four.row[i] = (row != NULL) ? row + offset : scratch->padding;
        four.step[i] = (row != NULL) ? p->channels : 0;
    }
    sx_lay_out_columns_mve(scratch->laid_out + SX_COLUMN_BYTES * block->left, &four, block->inside, block->channels);
}

/**
 * The sums of a block, and its outputs: the kernel in passes of 4 x 4 taps, the first of which begins with the bias and the
 * last of which ends with the outputs. `w` are the weights of the block, in the order of use; returns their end.
 */
static inline const int8_t *sx_depthwise_block_s8_mve(const sx_depthwise_conv2d_s8_mve *p, const int8_t *const rows[],
                                                      int8_t *out, const int8_t *w, const sx_depthwise_block *block,
                                                      const sx_depthwise_scratch *scratch, sx_pixels_rule_mve *rule)
{
    const int32_t pixels = block->pixels;
    const int32_t stride = SX_COLUMN_BYTES * p->stride_width;
    const int32_t pitch = SX_COLUMN_BYTES * p->dilation_width;
    for (int32_t ky = 0; ky < p->kernel_height; ky += 4) {
        sx_depthwise_lay_out(p, rows, ky, block, scratch);
        for (int32_t kx = 0; kx < p->kernel_width; kx += 4) {
            const bool is_first = ky == 0 && kx == 0;
            const bool is_last = ky + 4 >= p->kernel_height && kx + 4 >= p->kernel_width;
            const int8_t *at = scratch->laid_out + kx * pitch;
            const int32_t *bias = p->bias + block->channel;
            int32_t *sums = scratch->sums;
            int32_t multiplier = (block->channel / 4) * p->requantize.step;
            int8_t *to = out;
            for (int32_t left = block->channels; left > 0; left -= 4) {
                sx_tap_sums_mve(sums, is_first ? bias : sums, is_first ? 0 : 16, at, stride, pitch, w, pixels);
                if (is_last) {
                    rule(to, p->channels, sums, pixels, left, &p->requantize, multiplier);
                }
                sums += 4 * pixels;
                multiplier += p->requantize.step;
                bias += 4;
                at += 16;
                to += 4;
                w += 64;
            }
        }
    }
    return w;
}

/** See sx_depthwise_conv2d_s8_mve.h. */
static inline void sx_depthwise_conv2d_s8_mve_body(const sx_depthwise_conv2d_s8_mve *p, const int8_t *const rows[],
                                                   int8_t *out, int8_t *scratch, sx_pixels_rule_mve *rule)
{
    const int32_t reach = (((p->kernel_width + 3) & ~3) - 1) * p->dilation_width + 1;
    const sx_depthwise_scratch parts = {(int32_t *)(void *)(scratch + 16), scratch + 16 + 64 * p->block_width, scratch};
    (void)sx_fill_s8_mve(parts.padding, p->input_zero_point, 16);
    for (int32_t x = 0; x < p->out_width; x += p->block_width) {
        const int32_t left = p->out_width - x;
        const int32_t pixels = (left < p->block_width) ? left : p->block_width;
        const int32_t columns = (pixels - 1) * p->stride_width + reach;
        sx_depthwise_block block = sx_depthwise_block_at(pixels, x * p->stride_width - p->pad_left, columns, p->in_width);
        const int8_t *w = p->weights;
        sx_depthwise_lay_out_padding(p, &block, &parts);
        for (int32_t channel = 0; channel < p->channels; channel += 16) {
            block.channel = channel;
            block.channels = (p->channels - channel < 16) ? p->channels - channel : 16;
            w = sx_depthwise_block_s8_mve(p, rows, out + channel, w, &block, &parts, rule);
        }
        out += pixels * p->channels;
    }
}

#endif
