/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAX_POOLING2D_S8_WINDOW_H
#define SX_MAX_POOLING2D_S8_WINDOW_H

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

#endif
