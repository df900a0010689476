/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_CONV2D_S8_DSP_BODY_H
#define SX_DEPTHWISE_CONV2D_S8_DSP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_depthwise_conv2d_s8_dsp.h"
#include "sx_depthwise_planes_s8_dsp.h"
#include "sx_requantize_run_s8_dsp.h"

_Static_assert(SX_PLANE_COLUMNS == SX_DEPTHWISE_COLUMNS, "one size of planes");

/** Every stride-th column of a row: pixels first..end-1 of those that a pass wants are inside. */
typedef struct {
    const int8_t *x; /* pixel `first` */
    int32_t first, end;
    int32_t step; /* bytes from pixel to pixel; 0: a row of padding, whose only pixel is read again and again */
} sx_depthwise_line;

/** The line of `count` pixels from `column` on. */
static inline sx_depthwise_line sx_depthwise_line_at(const sx_depthwise_conv2d_s8_dsp *p, const int8_t *row, int32_t column,
                                                     int32_t count, const int8_t *padding)
{
    const int32_t stride = p->stride_width;
    sx_depthwise_line line = {padding, 0, count, 0};
    if (row != NULL) {
        const int32_t inside = (column < p->in_width) ? (p->in_width - column + stride - 1) / stride : 0;
        line.first = (column < 0) ? (stride - 1 - column) / stride : 0;
        line.end = (inside < count) ? inside : count;
        if (line.first < line.end) {
            line.x = row + (column + line.first * stride) * p->in_channels;
            line.step = stride * p->in_channels;
        } else {
            line.first = line.end = count;
        }
    }
    return line;
}

/** Four channels of pixel i, from `base` on. */
static inline uint32_t sx_depthwise_pixel(const sx_depthwise_line *line, int32_t i, int32_t base, int32_t channels,
                                          uint32_t padding)
{
    if (line->step == 0 || i < line->first || i >= line->end) {
        return padding;
    }
    return sx_load_channels(line->x + (i - line->first) * line->step + base, channels);
}

#if SX_HAS_DSP

/** Pairs of at least two pixels of four channels: 25 instructions for two. The last two of an odd number take one once more. */
static inline void sx_depthwise_pairs_quick(uint32_t *plane, const int8_t *x, int32_t x_step, const int8_t *y, int32_t y_step,
                                            int32_t count, uint32_t offset)
{
    int32_t left = count & ~1;
    uint32_t a, b, c, d, t;
    for (;;) {
        __asm__ volatile("1:\n\t"
                         "ldr %[a], [%[x]]\n\t"
                         "ldr %[b], [%[y]]\n\t"
                         "ldr %[c], [%[x], %[xs]]\n\t"
                         "ldr %[d], [%[y], %[ys]]\n\t"
                         "add %[x], %[x], %[xs], lsl #1\n\t"
                         "add %[y], %[y], %[ys], lsl #1\n\t"
                         "pkhbt %[t], %[a], %[b], lsl #16\n\t"
                         "pkhtb %[b], %[b], %[a], asr #16\n\t"
                         "pkhbt %[a], %[c], %[d], lsl #16\n\t"
                         "pkhtb %[d], %[d], %[c], asr #16\n\t"
                         "sxtab16 %[c], %[off], %[t], ror #8\n\t"
                         "sxtab16 %[t], %[off], %[t]\n\t"
                         "str %[c], [%[p], %[q1]]\n\t"
                         "sxtab16 %[c], %[off], %[a]\n\t"
                         "strd %[t], %[c], [%[p]]\n\t"
                         "sxtab16 %[a], %[off], %[a], ror #8\n\t"
                         "str %[a], [%[p], %[q1b]]\n\t"
                         "sxtab16 %[t], %[off], %[b]\n\t"
                         "sxtab16 %[c], %[off], %[d]\n\t"
                         "strd %[t], %[c], [%[p], %[q2]]\n\t"
                         "sxtab16 %[t], %[off], %[b], ror #8\n\t"
                         "sxtab16 %[c], %[off], %[d], ror #8\n\t"
                         "strd %[t], %[c], [%[p], %[q3]]\n\t"
                         "add %[p], %[p], #8\n\t"
                         "subs %[n], %[n], #2\n\t"
                         "bgt 1b"
                         : [p] "+r"(plane), [x] "+r"(x), [y] "+r"(y), [n] "+r"(left), [a] "=&r"(a), [b] "=&r"(b),
                           [c] "=&r"(c), [d] "=&r"(d), [t] "=&r"(t)
                         : [xs] "r"(x_step), [ys] "r"(y_step), [off] "r"(offset), [q1] "i"(4 * SX_PLANE_COLUMNS),
                           [q1b] "i"(4 * SX_PLANE_COLUMNS + 4), [q2] "i"(8 * SX_PLANE_COLUMNS), [q3] "i"(12 * SX_PLANE_COLUMNS)
                         : "cc", "memory");
        if ((count & 1) == 0) {
            break;
        }
        count = left = 2;
        x -= x_step;
        y -= y_step;
        --plane;
    }
}

#endif

/** The planes of a pass: `count` pairs of pixels of a and b, four channels from `base` on. */
static inline void sx_depthwise_pairs(const sx_depthwise_conv2d_s8_dsp *p, uint32_t *planes, const sx_depthwise_line *a,
                                      const sx_depthwise_line *b, int32_t count, int32_t base)
{
    const int32_t channels = p->in_channels;
    const uint32_t offset = sx_zero_offset(p->input_zero_point);
    const uint32_t padding = ((uint32_t)p->input_zero_point & 0xFFu) * 0x01010101u;
    int32_t quick_first = count, quick_end = count;
#if SX_HAS_DSP
    const int32_t first = (a->first > b->first) ? a->first : b->first;
    const int32_t end = (a->end < b->end) ? a->end : b->end;
    if (channels >= 4 && end - first >= 2) {
        const int8_t *const x = a->x + (first - a->first) * a->step + ((a->step != 0) ? base : 0);
        const int8_t *const y = b->x + (first - b->first) * b->step + ((b->step != 0) ? base : 0);
        sx_depthwise_pairs_quick(planes + first, x, a->step, y, b->step, end - first, offset);
        quick_first = first;
        quick_end = end;
    }
#endif
    for (int32_t i = (quick_first > 0) ? 0 : quick_end; i < count; i = (i + 1 == quick_first) ? quick_end : i + 1) {
        if ((i < a->first || i >= a->end) && (i < b->first || i >= b->end)) {
            sx_clear_columns(planes, 4, i, i + 1);
        } else {
            sx_store_pairs(planes + i, sx_depthwise_pixel(a, i, base, channels, padding),
                           sx_depthwise_pixel(b, i, base, channels, padding), offset);
        }
    }
}

/** The part of a pass of some output channels, whose sums follow each other; the assembly knows the order. */
typedef struct {
    uint32_t *sums;
    const uint32_t *plane;
    const int32_t *weights;
    int32_t dilation_bytes;
    uint32_t *end;       /* of the sums of the first channel, whole fours */
    int32_t is_odd;      /* whether the last word of weights holds one pair */
    int32_t pairs_bytes; /* of the words that hold two */
    int32_t sums_bytes, plane_bytes, weights_bytes; /* from channel to channel; planes from behind the columns of the sums */
    uint32_t *end_of_all;
} sx_depthwise_job;

/** sums[x] += the pairs plane[x + t * dilation] times weights t, for all x, four at a time. */
static inline void sx_depthwise_add_pass(sx_depthwise_job *job)
{
#if SX_HAS_DSP
    register sx_depthwise_job *r10 __asm__("r10") = job;
    __asm__ volatile("sub sp, sp, #8\n"
                     "1:\n\t" /* a channel */
                     "ldr r4, [r10, #8]\n\t"
                     "ldr r5, [r10, #24]\n\t"
                     "add r4, r4, r5\n\t"
                     "strd r10, r4, [sp]\n"
                     "2:\n\t" /* four sums */
                     "ldmia r10, {r9, r11, r12, lr}\n\t"
                     "ldmia r9, {r0, r1, r2, r3}\n\t"
                     "b 4f\n"
                     "3:\n\t" /* two pairs */
                     "ldr r9, [r12], #4\n\t"
                     "sxtb16 r10, r9\n\t"
                     "ldmia r11, {r4, r5, r6, r8}\n\t"
                     "sxtb16 r9, r9, ror #8\n\t"
                     "add r11, r11, lr\n\t"
                     "smlad r0, r4, r10, r0\n\t"
                     "smlad r1, r5, r10, r1\n\t"
                     "smlad r2, r6, r10, r2\n\t"
                     "smlad r3, r8, r10, r3\n\t"
                     "ldmia r11, {r4, r5, r6, r8}\n\t"
                     "add r11, r11, lr\n\t"
                     "smlad r0, r4, r9, r0\n\t"
                     "smlad r1, r5, r9, r1\n\t"
                     "smlad r2, r6, r9, r2\n\t"
                     "smlad r3, r8, r9, r3\n"
                     "4:\n\t"
                     "ldrd r10, r4, [sp]\n\t"
                     "cmp r12, r4\n\t"
                     "bne 3b\n\t"
                     "ldrd r8, r5, [r10, #16]\n\t"
                     "cbz r5, 5f\n\t"
                     "ldr r9, [r12]\n\t"
                     "ldmia r11, {r4, r5, r6, r12}\n\t"
                     "sxtb16 r9, r9\n\t"
                     "smlad r0, r4, r9, r0\n\t"
                     "smlad r1, r5, r9, r1\n\t"
                     "smlad r2, r6, r9, r2\n\t"
                     "smlad r3, r12, r9, r3\n"
                     "5:\n\t"
                     "ldrd r9, r11, [r10]\n\t"
                     "stmia r9!, {r0, r1, r2, r3}\n\t"
                     "add r11, r11, #16\n\t"
                     "strd r9, r11, [r10]\n\t"
                     "cmp r9, r8\n\t"
                     "bne 2b\n\t"
                     "add r12, r10, #28\n\t"
                     "ldmia r12, {r0, r1, r2, r3}\n\t"
                     "ldr r4, [r10, #8]\n\t"
                     "add r8, r8, r0\n\t"
                     "add r11, r11, r1\n\t"
                     "add r4, r4, r2\n\t"
                     "strd r11, r4, [r10, #4]\n\t"
                     "str r8, [r10, #16]\n\t"
                     "cmp r9, r3\n\t"
                     "bne 1b\n\t"
                     "add sp, sp, #8"
                     : "+r"(r10)
                     :
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r11", "r12", "lr", "cc", "memory");
#else
    const int32_t dilation = job->dilation_bytes / 4;
    while (job->sums != job->end_of_all) {
        const int32_t *const pairs_end = job->weights + job->pairs_bytes / 4;
        for (; job->sums != job->end; ++job->sums, ++job->plane) {
            const uint32_t *x = job->plane;
            int32_t sum = (int32_t)*job->sums;
            for (const int32_t *w = job->weights; w != pairs_end; ++w) {
                sum = sx_multiply_halves(x[0], sx_offset_even(0, (uint32_t)*w), sum);
                sum = sx_multiply_halves(x[dilation], sx_offset_odd(0, (uint32_t)*w), sum);
                x += 2 * dilation;
            }
            if (job->is_odd) {
                sum = sx_multiply_halves(x[0], sx_offset_even(0, (uint32_t)*pairs_end), sum);
            }
            *job->sums = (uint32_t)sum;
        }
        job->end += job->sums_bytes / 4;
        job->plane += job->plane_bytes / 4;
        job->weights += job->weights_bytes / 4;
    }
#endif
}

/** `count` output pixels from `first` on, of the input channels from `channel` to `end`; planes begin with channel `base`. */
static inline void sx_depthwise_conv2d_s8_dsp_group(const sx_depthwise_conv2d_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                                    uint32_t *planes, int32_t first, int32_t count, int32_t base,
                                                    int32_t channel, int32_t end, sx_requantize_run *run)
{
    const int32_t fours = (count + 3) & ~3;
    const int32_t multiplier = p->channel_multiplier, first_out = channel * multiplier, end_out = end * multiplier;
    uint32_t *const sums = planes + 4 * SX_PLANE_COLUMNS;
    uint32_t *sum = sums;
    const int8_t zero = (int8_t)p->input_zero_point;
    const int8_t padding[4] = {zero, zero, zero, zero};
    for (int32_t o = first_out; o < end_out; ++o) {
        const uint32_t bias = (p->bias != NULL) ? (uint32_t)p->bias[o] : 0;
        for (int32_t i = 0; i < fours; i += 4) {
            sum[0] = sum[1] = sum[2] = sum[3] = bias;
            sum += 4;
        }
    }
    const sx_depthwise_pass *pass = (const sx_depthwise_pass *)(const void *)p->passes;
    const int32_t *words = p->weights + first_out * p->words;
    for (int32_t i = 0; i < p->pass_count; ++i) {
        const int32_t x = first * p->stride_width - p->pad_left, pixels = count + (pass->taps - 1) * pass->dilation;
        const int8_t *const a_row = rows[pass->a_row], *const b_row = rows[pass->b_row];
        const sx_depthwise_line a = sx_depthwise_line_at(p, a_row, x + pass->a_column, pixels, padding);
        const sx_depthwise_line b = sx_depthwise_line_at(p, b_row, x + pass->b_column, pixels, padding);
        /* At once all output channels of an input channel, or with one of each all of them. */
        const int32_t together = (multiplier == 1) ? end_out - first_out : multiplier;
        sx_depthwise_job job = {
            .sums = sums,
            .plane = planes + (channel - base) * SX_PLANE_COLUMNS,
            .weights = words,
            .dilation_bytes = 4 * pass->dilation,
            .end = sums + fours,
            .is_odd = pass->taps & 1,
            .pairs_bytes = 4 * (pass->taps / 2),
            .sums_bytes = 4 * fours,
            .plane_bytes = (multiplier == 1) ? 4 * (SX_PLANE_COLUMNS - fours) : -4 * fours,
            .weights_bytes = 4 * p->words,
            .end_of_all = sums,
        };
        if (a_row != NULL || b_row != NULL) {
            sx_depthwise_pairs(p, planes, &a, &b, pixels, base);
        }
        for (int32_t o = (a_row != NULL || b_row != NULL) ? first_out : end_out; o < end_out; o += together) {
            job.end_of_all += together * fours;
            sx_depthwise_add_pass(&job);
            job.plane += SX_PLANE_COLUMNS;
        }
        words += (pass->taps + 1) / 2;
        ++pass;
    }
    sum = sums;
    for (int32_t o = first_out; o < end_out; ++o) {
        run(p->form, (const int32_t *)sum, count, &p->requantize, o, out + o, p->in_channels * multiplier);
        sum += fours;
    }
}

/** See sx_depthwise_conv2d_s8_dsp.h. */
static inline void sx_depthwise_conv2d_s8_dsp_body(const sx_depthwise_conv2d_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                                   int8_t *scratch, sx_requantize_run *run)
{
    const int32_t channels = p->in_channels;
    for (int32_t first = 0; first < p->out_width; first += p->block) {
        const int32_t left = p->out_width - first;
        const int32_t count = (left < p->block) ? left : p->block;
        for (int32_t channel = 0; channel < channels; channel += 4) {
            /* The last group reaches back, so that no byte behind the row is read. */
            const int32_t base = (channel + 4 <= channels || channels < 4) ? channel : channels - 4;
            const int32_t end = (channel + 4 < channels) ? channel + 4 : channels;
            sx_depthwise_conv2d_s8_dsp_group(p, rows, out, (uint32_t *)(void *)scratch, first, count, base, channel, end, run);
        }
        out += count * channels * p->channel_multiplier;
    }
}

#endif
