/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_S8_MVE_BODY_H
#define SX_AVERAGE_POOLING2D_S8_MVE_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_average_pooling2d_s8_mve.h"
#include "sx_average_s8.h"
#include "sx_columns.h"
#include "sx_pooling_s8_mve.h"

/** Add the columns of one row, from `x` on, to the sums of `count` channels. */
static inline void sx_average_add_columns_mve(int32_t *sums, const int8_t *x, int32_t columns, int32_t channels, int32_t count)
{
    SX_SMALL_LOOP
    for (int32_t i = 0; i < columns; ++i) {
        sx_add_s8_to_sums_mve(sums, x, count);
        x += channels;
    }
}

/** See sx_average_pooling2d_s8_mve.h. */
static inline void sx_average_pooling2d_s8_mve_body(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                                    sx_average_rule *rule)
{
    int32_t sums[SX_POOLED_MVE];
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
        const int32_t width = columns.last - columns.first;
        int32_t offset = (x + columns.first) * p->channels;
        for (int32_t left = p->channels; left > 0; left -= SX_POOLED_MVE) {
            const int32_t some = (left < SX_POOLED_MVE) ? left : SX_POOLED_MVE;
            int32_t height = 0;
            (void)sx_fill_s8_mve((int8_t *)(void *)sums, 0, 4 * some);
            for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
                if (rows[ky] != NULL) {
                    sx_average_add_columns_mve(sums, rows[ky] + offset, width, p->channels, some);
                    ++height;
                }
            }
            SX_SMALL_LOOP
            for (int32_t i = 0; i < some; ++i) {
                *out++ = sx_offset_clamp_s8(rule(p, sums[i], width * height), 0, p->minimum, p->maximum);
            }
            offset += some;
        }
        x += p->stride_width;
    }
}

/** The same, one input row a call. */
static inline void sx_average_pooling2d_fold_s8_mve_body(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                         int8_t *out, int8_t *scratch, sx_average_rule *rule)
{
    const int32_t channels = p->channels;
    int32_t *const sums = (int32_t *)(void *)scratch;
    if (rows[1] == NULL) {
        (void)sx_fill_s8_mve(scratch, 0, 4 * p->out_width * channels);
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const int32_t x = out_x * p->stride_width - p->pad_left;
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
        const int8_t *first = rows[0] + (x + columns.first) * channels;
        sx_average_add_columns_mve(sums + out_x * channels, first, columns.last - columns.first, channels, channels);
    }
    for (int32_t out_x = 0; out != NULL && out_x < p->out_width; ++out_x) {
        const int32_t x = out_x * p->stride_width - p->pad_left;
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
        SX_SMALL_LOOP
        for (int32_t i = 0; i < channels; ++i) {
            const int8_t value = rule(p, sums[out_x * channels + i], (columns.last - columns.first) * p->kernel_height);
            *out++ = sx_offset_clamp_s8(value, 0, p->minimum, p->maximum);
        }
    }
}

#endif
