/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING2D_S16_BODY_H
#define SX_POOLING2D_S16_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "sx_elements.h"
#include "sx_pooling2d_s16.h"

/** One channel of one window, whose first column is `first`: its largest element, or its rounded mean. */
static inline int32_t sx_pooling2d_s16_window(const sx_pooling2d_s16 *p, const int8_t *const rows[], int32_t first,
                                              int32_t channel, bool mean)
{
    int32_t sum = 0;
    int32_t largest = INT16_MIN;
    int32_t count = 0;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        const sx_s16 *const row = (const sx_s16 *)(const void *)rows[ky];
        for (int32_t kx = 0; kx < p->kernel_width && row != NULL; ++kx) {
            const int32_t x = first + kx * p->dilation_width;
            if (x >= 0 && x < p->in_width) {
                const int32_t value = row[x * p->channels + channel];
                sum += value;
                largest = (value > largest) ? value : largest;
                ++count;
            }
        }
    }
    if (!mean) {
        return largest;
    }
    return (sum > 0) ? (sum + count / 2) / count : (sum - count / 2) / count;
}

/** See sx_pooling2d_s16.h. */
static inline void sx_pooling2d_s16_body(const sx_pooling2d_s16 *p, const int8_t *const rows[], int8_t *out, bool mean)
{
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t x = 0; x < p->out_width; ++x) {
        for (int32_t channel = 0; channel < p->channels; ++channel) {
            const int32_t value = sx_pooling2d_s16_window(p, rows, x * p->stride_width - p->pad_left, channel, mean);
            *y++ = (int16_t)((value < p->minimum) ? p->minimum : (value > p->maximum) ? p->maximum : value);
        }
    }
}

#endif
