/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING2D_F32_BODY_H
#define SX_POOLING2D_F32_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_columns.h"
#include "sx_elements.h"
#include "sx_pooling2d_f32.h"

/** What is gathered of a window; kernels give it as a constant argument. */
typedef enum { SX_POOLING_F32_AVERAGE, SX_POOLING_F32_MAX } sx_pooling_f32;

static inline float sx_pooling_f32_first(sx_pooling_f32 pooling)
{
    return (pooling == SX_POOLING_F32_MAX) ? -__builtin_inff() : 0.0f;
}

static inline float sx_pooling_f32_next(sx_pooling_f32 pooling, float so_far, float x)
{
    return (pooling == SX_POOLING_F32_MAX) ? sx_larger_f32(so_far, x) : so_far + x;
}

static inline float sx_pooling_f32_result(sx_pooling_f32 pooling, float gathered, float divisor)
{
    return (pooling == SX_POOLING_F32_MAX) ? gathered : gathered / divisor;
}

/** What the sum of `count` elements is divided by. */
static inline float sx_pooling_f32_divisor(const sx_pooling2d_f32_params *p, int32_t count)
{
    const float inside = (float)count;
    return (p->divisor > 0.0f) ? p->divisor : inside;
}

/** The columns of one output pixel: `count` from element `offset` of a row on, `step` elements apart. */
typedef struct {
    int32_t offset, count, step;
} sx_pooling2d_f32_columns;

static inline sx_pooling2d_f32_columns sx_pooling2d_f32_columns_of(const sx_pooling2d_f32_params *p, int32_t out_x)
{
    const int32_t x = out_x * p->stride_width - p->pad_left;
    const sx_columns inside = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
    const sx_pooling2d_f32_columns columns = {(x + inside.first * p->dilation_width) * p->channels,
                                              inside.last - inside.first, p->dilation_width * p->channels};
    return columns;
}

/** Gather four adjoining channels of a window, to what was gathered before. */
static inline void sx_pooling2d_f32_gather4(float gathered[4], const int8_t *const rows[], int32_t kernel_height,
                                            sx_pooling2d_f32_columns columns, sx_pooling_f32 pooling)
{
    float a = gathered[0], b = gathered[1], c = gathered[2], d = gathered[3];
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky];
        if (x != NULL) {
            x += columns.offset;
            for (int32_t i = columns.count; i > 0; --i) {
                a = sx_pooling_f32_next(pooling, a, x[0]);
                b = sx_pooling_f32_next(pooling, b, x[1]);
                c = sx_pooling_f32_next(pooling, c, x[2]);
                d = sx_pooling_f32_next(pooling, d, x[3]);
                x += columns.step;
            }
        }
    }
    gathered[0] = a;
    gathered[1] = b;
    gathered[2] = c;
    gathered[3] = d;
}

/** Gather one channel of a window. */
static inline float sx_pooling2d_f32_gather(float so_far, const int8_t *const rows[], int32_t kernel_height,
                                            sx_pooling2d_f32_columns columns, sx_pooling_f32 pooling)
{
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        const sx_f32 *x = (const sx_f32 *)(const void *)rows[ky];
        if (x != NULL) {
            x += columns.offset;
            for (int32_t i = columns.count; i > 0; --i) {
                so_far = sx_pooling_f32_next(pooling, so_far, *x);
                x += columns.step;
            }
        }
    }
    return so_far;
}

/** See sx_pooling2d_f32.h: four channels at a time, the rest one by one. */
static inline void sx_pooling2d_f32_body(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out,
                                         sx_pooling_f32 pooling)
{
    const int32_t channels = p->channels;
    const sx_limits_f32 limits = p->limits;
    sx_f32 *to = (sx_f32 *)(void *)out;
    int32_t height = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        height += (rows[ky] != NULL) ? 1 : 0;
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        sx_pooling2d_f32_columns columns = sx_pooling2d_f32_columns_of(p, out_x);
        const float divisor = sx_pooling_f32_divisor(p, height * columns.count);
        int32_t channel = 0;
        for (; channel + 4 <= channels; channel += 4) {
            const float first = sx_pooling_f32_first(pooling);
            float gathered[4] = {first, first, first, first};
            sx_pooling2d_f32_gather4(gathered, rows, p->kernel_height, columns, pooling);
            for (int32_t i = 0; i < 4; ++i) {
                *to++ = sx_clamp_f32(sx_pooling_f32_result(pooling, gathered[i], divisor), &limits);
            }
            columns.offset += 4;
        }
        for (; channel < channels; ++channel) {
            const float first = sx_pooling_f32_first(pooling);
            const float gathered = sx_pooling2d_f32_gather(first, rows, p->kernel_height, columns, pooling);
            *to++ = sx_clamp_f32(sx_pooling_f32_result(pooling, gathered, divisor), &limits);
            columns.offset += 1;
        }
    }
}

/** See sx_pooling2d_f32.h: the folding form; each row is gathered to the scratch buffer. */
static inline void sx_pooling2d_fold_f32_body(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out,
                                              int8_t *scratch, sx_pooling_f32 pooling)
{
    const int32_t channels = p->channels;
    const float first = sx_pooling_f32_first(pooling);
    const sx_limits_f32 limits = p->limits;
    sx_f32 *so_far = (sx_f32 *)(void *)scratch;
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t i = p->out_width * channels - 1; i >= 0 && rows[1] == NULL; --i) {
        so_far[i] = first;
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        sx_pooling2d_f32_columns columns = sx_pooling2d_f32_columns_of(p, out_x);
        int32_t channel = 0;
        for (; channel + 4 <= channels; channel += 4) {
            float gathered[4] = {so_far[0], so_far[1], so_far[2], so_far[3]};
            sx_pooling2d_f32_gather4(gathered, rows, 1, columns, pooling);
            for (int32_t i = 0; i < 4; ++i) {
                *so_far++ = gathered[i];
            }
            columns.offset += 4;
        }
        for (; channel < channels; ++channel) {
            *so_far = sx_pooling2d_f32_gather(*so_far, rows, 1, columns, pooling);
            ++so_far;
            columns.offset += 1;
        }
    }
    so_far = (sx_f32 *)(void *)scratch;
    for (int32_t out_x = 0; out_x < p->out_width && out != NULL; ++out_x) {
        const float divisor = sx_pooling_f32_divisor(p, p->kernel_height * sx_pooling2d_f32_columns_of(p, out_x).count);
        for (int32_t channel = 0; channel < channels; ++channel) {
            *to++ = sx_clamp_f32(sx_pooling_f32_result(pooling, *so_far++, divisor), &limits);
        }
    }
}

#endif
