/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_S8_BODY_H
#define SX_AVERAGE_POOLING2D_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_average_pooling2d_s8.h"
#include "sx_average_s8.h"
#include "sx_columns.h"

/** The sum of a window of `width` columns in one channel; `offset` is its first element in every row. */
static inline int32_t sx_average_pooling2d_s8_sum(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                  int32_t offset, int32_t width)
{
    const int32_t kernel_height = p->kernel_height;
    const int32_t channels = p->channels;
    int32_t sum = 0;
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        if (rows[ky] != NULL) {
            const int8_t *x = rows[ky] + offset;
            for (int32_t i = 0; i < width; ++i) {
                sum += *x;
                x += channels;
            }
        }
    }
    return sum;
}

/** See sx_average_pooling2d_s8.h. */
static inline void sx_average_pooling2d_s8_body(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                int8_t *out, sx_average_rule *rule)
{
    int32_t height = 0;
    int32_t x = -p->pad_left;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        height += (rows[ky] != NULL) ? 1 : 0;
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
        const int32_t width = columns.last - columns.first;
        const int32_t offset = (x + columns.first) * p->channels;
        for (int32_t channel = 0; channel < p->channels; ++channel) {
            *out++ = rule(p, sx_average_pooling2d_s8_sum(p, rows, offset + channel, width), width * height);
        }
        x += p->stride_width;
    }
}

#endif
