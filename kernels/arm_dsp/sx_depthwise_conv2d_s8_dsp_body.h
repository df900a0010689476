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
} sx_depthwise_line;

/** The line of `count` pixels from `column` on; nothing of it is inside a row of padding. */
static inline sx_depthwise_line sx_depthwise_line_at(const sx_depthwise_conv2d_s8_dsp *p, const int8_t *row, int32_t column,
                                                     int32_t count)
{
    const int32_t stride = p->stride_width;
    const int32_t first = (column < 0) ? (stride - 1 - column) / stride : 0;
    const int32_t inside = (column < p->in_width) ? (p->in_width - column + stride - 1) / stride : 0;
    const int32_t end = (inside < count) ? inside : count;
    sx_depthwise_line line = {NULL, 0, 0};
    if (row != NULL && first < end) {
        line.x = row + (column + first * stride) * p->in_channels;
        line.first = first;
        line.end = end;
    }
    return line;
}

/** Four channels of pixel i, from `base` on. */
static inline uint32_t sx_depthwise_pixel(const sx_depthwise_line *line, int32_t i, int32_t step, int32_t base,
                                          int32_t channels, uint32_t padding)
{
    if (i < line->first || i >= line->end) {
        return padding;
    }
    return sx_load_channels(line->x + (i - line->first) * step + base, channels);
}

#if SX_HAS_DSP

/** Pairs of at least two pixels of four channels: 23 instructions for two. The last of an odd number go with the one before. */
static inline void sx_depthwise_pairs_quick(uint32_t *plane, const int8_t *x, const int8_t *y, int32_t count, int32_t step,
                                            uint32_t offset)
{
    const int32_t even = (count & ~1) * step;
    int32_t is_odd = count & 1;
    int32_t at = -even;
    uint32_t a, b, c, d, t;
    x += even;
    y += even;
    for (;;) {
        __asm__ volatile("1:\n\t"
                         "ldr %[a], [%[x], %[at]]\n\t"
                         "ldr %[b], [%[y], %[at]]\n\t"
                         "add %[t], %[at], %[step]\n\t"
                         "ldr %[c], [%[x], %[t]]\n\t"
                         "ldr %[d], [%[y], %[t]]\n\t"
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
                         "adds %[at], %[at], %[step], lsl #1\n\t"
                         "blt 1b"
                         : [p] "+r"(plane), [at] "+r"(at), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [t] "=&r"(t)
                         : [x] "r"(x), [y] "r"(y), [step] "r"(step), [off] "r"(offset), [q1] "i"(4 * SX_PLANE_COLUMNS),
                           [q1b] "i"(4 * SX_PLANE_COLUMNS + 4), [q2] "i"(8 * SX_PLANE_COLUMNS), [q3] "i"(12 * SX_PLANE_COLUMNS)
                         : "cc", "memory");
        if (is_odd == 0) {
            break;
        }
        is_odd = 0;
        at = -step;
        --plane;
    }
}

#endif

/** The planes of a pass: `count` pairs of pixels of a and b, four channels from `base` on. */
static inline void sx_depthwise_pairs(const sx_depthwise_conv2d_s8_dsp *p, uint32_t *planes, const sx_depthwise_line *a,
                                      const sx_depthwise_line *b, int32_t count, int32_t base)
{
    const int32_t channels = p->in_channels, step = p->stride_width * channels;
    const uint32_t offset = sx_zero_offset(p->input_zero_point);
    const uint32_t padding = ((uint32_t)p->input_zero_point & 0xFFu) * 0x01010101u;
    int32_t i = 0;
#if SX_HAS_DSP
    const int32_t first = (a->first > b->first) ? a->first : b->first;
    const int32_t end = (a->end < b->end) ? a->end : b->end;
    const bool is_quick = channels >= 4 && end - first >= 2;
    if (is_quick) {
        sx_depthwise_pairs_quick(planes + first, a->x + (first - a->first) * step + base,
                                 b->x + (first - b->first) * step + base, end - first, step, offset);
    }
#endif
    for (; i < count; ++i) {
#if SX_HAS_DSP
        if (is_quick && i == first) {
            i = end;
            if (i >= count) {
                break;
            }
        }
#endif
        sx_store_pairs(planes + i, sx_depthwise_pixel(a, i, step, base, channels, padding),
                       sx_depthwise_pixel(b, i, step, base, channels, padding), offset);
    }
}

/** One channel's part of a pass: where sums and inputs are; the assembly knows the order. */
typedef struct {
    uint32_t *sums;
    const uint32_t *plane;
    const int32_t *weights;
    int32_t dilation_bytes;
    uint32_t *end; /* of the sums, whole fours */
    int32_t is_odd;
    const int32_t *pairs_end; /* of the words that hold two pairs */
} sx_depthwise_job;

/** sums[x] += the pairs plane[x + t * dilation] times weights t, for all x, four at a time. */
static inline void sx_depthwise_add_pass(sx_depthwise_job *job)
{
#if SX_HAS_DSP
    register sx_depthwise_job *r10 __asm__("r10") = job;
    __asm__ volatile("ldr r4, [r10, #24]\n\t"
                     "strd r10, r4, [sp, #-8]!\n"
                     "1:\n\t"
                     "ldmia r10, {r9, r11, r12, lr}\n\t"
                     "ldmia r9, {r0, r1, r2, r3}\n\t"
                     "b 3f\n"
                     "2:\n\t"
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
                     "3:\n\t"
                     "ldrd r10, r4, [sp]\n\t"
                     "cmp r12, r4\n\t"
                     "bne 2b\n\t"
                     "ldr r5, [r10, #20]\n\t"
                     "cbz r5, 4f\n\t"
                     "ldr r9, [r12]\n\t"
                     "ldmia r11, {r4, r5, r6, r8}\n\t"
                     "sxtb16 r9, r9\n\t"
                     "smlad r0, r4, r9, r0\n\t"
                     "smlad r1, r5, r9, r1\n\t"
                     "smlad r2, r6, r9, r2\n\t"
                     "smlad r3, r8, r9, r3\n"
                     "4:\n\t"
                     "ldrd r9, r11, [r10]\n\t"
                     "ldr r12, [r10, #16]\n\t"
                     "stmia r9!, {r0, r1, r2, r3}\n\t"
                     "add r11, r11, #16\n\t"
                     "strd r9, r11, [r10]\n\t"
                     "cmp r9, r12\n\t"
                     "bne 1b\n\t"
                     "add sp, sp, #8"
                     : "+r"(r10)
                     :
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r11", "r12", "lr", "cc", "memory");
#else
    const int32_t dilation = job->dilation_bytes / 4;
    for (; job->sums != job->end; ++job->sums, ++job->plane) {
        const uint32_t *x = job->plane;
        uint32_t sum = *job->sums;
        for (const int32_t *w = job->weights; w != job->pairs_end; ++w) {
            sum = sx_pair_products(x[0], sx_offset_even(0, (uint32_t)*w), sum);
            sum = sx_pair_products(x[dilation], sx_offset_odd(0, (uint32_t)*w), sum);
            x += 2 * dilation;
        }
        if (job->is_odd) {
            sum = sx_pair_products(x[0], sx_offset_even(0, (uint32_t)*job->pairs_end), sum);
        }
        *job->sums = sum;
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
    for (int32_t o = first_out; o < end_out; ++o) {
        const uint32_t bias = (p->bias != NULL) ? (uint32_t)p->bias[o] : 0;
        for (int32_t i = 0; i < fours; ++i) {
            *sum++ = bias;
        }
    }
    const sx_depthwise_pass *pass = (const sx_depthwise_pass *)(const void *)p->passes;
    const int32_t *words = p->weights + first_out * p->words;
    for (int32_t i = 0; i < p->pass_count; ++i) {
        const int32_t x = first * p->stride_width - p->pad_left, pixels = count + (pass->taps - 1) * pass->dilation;
        const sx_depthwise_line a = sx_depthwise_line_at(p, rows[pass->a_row], x + pass->a_column, pixels);
        const sx_depthwise_line b = sx_depthwise_line_at(p, rows[pass->b_row], x + pass->b_column, pixels);
        sx_depthwise_pairs(p, planes, &a, &b, pixels, base);
        sum = sums;
        for (int32_t o = first_out, m = 0, plane = channel - base; o < end_out; ++o) {
            const int32_t *w = words + (o - first_out) * p->words;
            sx_depthwise_job job = {
                .sums = sum,
                .plane = planes + plane * SX_PLANE_COLUMNS,
                .weights = w,
                .dilation_bytes = 4 * pass->dilation,
                .end = sum + fours,
                .is_odd = pass->taps & 1,
                .pairs_end = w + pass->taps / 2,
            };
            sx_depthwise_add_pass(&job);
            sum += fours;
            if (++m == multiplier) {
                m = 0;
                ++plane;
            }
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
