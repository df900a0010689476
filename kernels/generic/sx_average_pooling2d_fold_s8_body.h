/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_FOLD_S8_BODY_H
#define SX_AVERAGE_POOLING2D_FOLD_S8_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_average_pooling2d_fold_s8.h"
#include "sx_average_s8.h"
#include "sx_columns.h"

/** Add one input row to the sums; the first row replaces them. */
static inline void sx_average_fold_s8_add(const sx_average_pooling2d_s8 *p, const int8_t *row, bool first,
                                          int32_t *sums)
{
    const int32_t channels = p->channels;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
        const int8_t *pixel = row + (x + columns.first) * channels;
        for (int32_t channel = 0; channel < channels; ++channel) {
            const int8_t *element = pixel++;
            int32_t sum = first ? 0 : *sums;
            for (int32_t i = columns.first; i < columns.last; ++i) {
                sum += *element;
                element += channels;
            }
            *sums++ = sum;
        }
        x += p->stride_width;
    }
}

/** See sx_average_pooling2d_fold_s8.h. */
static inline void sx_average_pooling2d_fold_s8_body(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                     int8_t *out, int8_t *scratch, sx_average_rule *rule)
{
    int32_t *sums = (int32_t *)(void *)scratch;
    sx_average_fold_s8_add(p, rows[0], rows[1] == NULL, sums);
    if (out != NULL) {
        int32_t x = -p->pad_left;
        for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
            const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
            const int32_t count = (columns.last - columns.first) * p->kernel_height;
            for (int32_t channel = 0; channel < p->channels; ++channel) {
                *out++ = rule(p, *sums++, count);
            }
            x += p->stride_width;
        }
    }
}

#endif
