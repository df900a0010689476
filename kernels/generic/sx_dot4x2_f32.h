/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DOT4X2_F32_H
#define SX_DOT4X2_F32_H

#include <stdint.h>

#include "sx_dot_f32.h"

/** Four channels of two pixels: sums[channel] of `x`, sums[4 + channel] of `y`; weights are [element][4]. */
__attribute__((noinline)) static void sx_dot4x2_f32(float sums[8], const sx_f32 *x, const sx_f32 *y, const float *w,
                                                    const sx_runs_f32 *runs)
{
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    float e = sums[4], f = sums[5], g = sums[6], h = sums[7];
    const int32_t gap = runs->gap;
    for (int32_t run = runs->count; run > 0; --run) {
        for (int32_t i = runs->length; i > 0; --i) {
            const float left = *x++;
            const float right = *y++;
            const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
            w += 4;
            a = sx_multiply_add(left, w0, a);
            e = sx_multiply_add(right, w0, e);
            b = sx_multiply_add(left, w1, b);
            f = sx_multiply_add(right, w1, f);
            c = sx_multiply_add(left, w2, c);
            g = sx_multiply_add(right, w2, g);
            d = sx_multiply_add(left, w3, d);
            h = sx_multiply_add(right, w3, h);
        }
        x += gap;
        y += gap;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
    sums[4] = e;
    sums[5] = f;
    sums[6] = g;
    sums[7] = h;
}

#endif
