/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAX_POOLING2D_S8_BODY_H
#define SX_MAX_POOLING2D_S8_BODY_H

#include <stddef.h>

#include "sx_columns.h"
#include "sx_max_pooling2d_s8.h"

/** The maximum of `minimum` and `count` columns in one channel; `offset` is the first element in every row. */
static inline int32_t sx_max_pooling2d_s8_window(const sx_max_pooling2d_s8 *p, const int8_t *const rows[],
                                                 int32_t offset, int32_t count)
{
    const int32_t kernel_height = p->kernel_height;
    const int32_t step = p->dilation_width * p->channels;
    int32_t largest = p->minimum;
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        if (rows[ky] != NULL && count > 0) {
            const int8_t *x = rows[ky] + offset;
            for (int32_t i = 0; i < count; ++i) {
                largest = (*x > largest) ? *x : largest;
                x += step;
            }
        }
    }
    return largest;
}

/** See sx_max_pooling2d_s8.h. */
static inline void sx_max_pooling2d_s8_body(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t offset = (x + columns.first * p->dilation_width) * p->channels;
        for (int32_t channel = 0; channel < p->channels; ++channel) {
            const int32_t largest = sx_max_pooling2d_s8_window(p, rows, offset + channel, columns.last - columns.first);
            *out++ = (int8_t)((largest < p->maximum) ? largest : p->maximum);
        }
        x += p->stride_width;
    }
}

#endif
