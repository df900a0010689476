/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PIXEL_PAIRS_F32_H
#define SX_PIXEL_PAIRS_F32_H

#include <stddef.h>
#include <stdint.h>

#include "sx_clamp_f32.h"
#include "sx_columns.h"
#include "sx_elements.h"

/* What convolutions share that compute four channels of two output pixels at once. */

/**
 * How many output pixels are computed at once: 2 if `out_x` is even and the next pixel has the same kernel columns inside the
 * row, else 1. So blocks of pixels, whose outputs may be written before all their inputs are read, begin at even pixels.
 *
 * @param next  input column of kernel column 0 of the next pixel
 */
static inline int32_t sx_pixels_at_once(sx_columns columns, int32_t out_x, int32_t out_width, int32_t next,
                                        int32_t kernel_width, int32_t dilation, int32_t in_width)
{
    if ((out_x & 1) != 0 || out_x + 1 == out_width) {
        return 1;
    }
    const sx_columns after = sx_columns_inside(next, kernel_width, dilation, in_width);
    return (columns.first == after.first && columns.last == after.last) ? 2 : 1;
}

/** Four biases from `channel` on, or zeros, for two pixels. */
static inline void sx_first4x2_f32(float sums[8], const float *bias, int32_t channel)
{
    float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;
    if (bias != NULL) {
        bias += channel;
        a = bias[0];
        b = bias[1];
        c = bias[2];
        d = bias[3];
    }
    sums[0] = sums[4] = a;
    sums[1] = sums[5] = b;
    sums[2] = sums[6] = c;
    sums[3] = sums[7] = d;
}

/** Four sums within limits. */
static inline void sx_store4_f32(sx_f32 *to, const float sums[4], const sx_limits_f32 *limits)
{
    to[0] = sx_clamp_f32(sums[0], limits);
    to[1] = sx_clamp_f32(sums[1], limits);
    to[2] = sx_clamp_f32(sums[2], limits);
    to[3] = sx_clamp_f32(sums[3], limits);
}

#endif
