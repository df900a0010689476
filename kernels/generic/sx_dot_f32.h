/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DOT_F32_H
#define SX_DOT_F32_H

#include <stdint.h>

#include "sx_elements.h"
#include "sx_multiply_add.h"

/*
 * Sums of products of input elements and weights that follow each other. Several sums grow side by side, so that no
 * product waits for the one before, and each load serves several. The functions are never inline: their loops want all
 * registers of the core.
 */

/** Input elements: `count` runs of `length` adjoining ones, the next run `gap` elements behind the end of the last. */
typedef struct {
    int32_t count, length, gap;
} sx_runs_f32;

/** Four channels and one element. */
#define SX_DOT4_F32_ELEMENT(value, weights)                  \
    do {                                                     \
        const float element = (value);                       \
        const float w0 = (weights)[0], w1 = (weights)[1];    \
        const float w2 = (weights)[2], w3 = (weights)[3];    \
        a = sx_multiply_add(element, w0, a);                 \
        b = sx_multiply_add(element, w1, b);                 \
        c = sx_multiply_add(element, w2, c);                 \
        d = sx_multiply_add(element, w3, d);                 \
    } while (0)

/** Four channels of a pixel; weights are [element][4]. */
__attribute__((noinline)) static void sx_dot4_f32(float sums[4], const sx_f32 *x, const float *w,
                                                  const sx_runs_f32 *runs)
{
    float a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    const int32_t gap = runs->gap;
    for (int32_t run = runs->count; run > 0; --run) {
        int32_t i = runs->length;
        for (; i > 3; i -= 4) {
            SX_DOT4_F32_ELEMENT(x[0], w);
            SX_DOT4_F32_ELEMENT(x[1], w + 4);
            SX_DOT4_F32_ELEMENT(x[2], w + 8);
            SX_DOT4_F32_ELEMENT(x[3], w + 12);
            x += 4;
            w += 16;
        }
        for (; i > 0; --i) {
            SX_DOT4_F32_ELEMENT(*x, w);
            ++x;
            w += 4;
        }
        x += gap;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/** One channel of a pixel, in four partial sums; weights are [element]. */
__attribute__((noinline)) static float sx_dot1_f32(float sum, const sx_f32 *x, const float *w, const sx_runs_f32 *runs)
{
    float a = sum, b = 0.0f, c = 0.0f, d = 0.0f;
    const int32_t gap = runs->gap;
    for (int32_t run = runs->count; run > 0; --run) {
        int32_t i = runs->length;
        for (; i > 3; i -= 4) {
            a = sx_multiply_add(x[0], w[0], a);
            b = sx_multiply_add(x[1], w[1], b);
            c = sx_multiply_add(x[2], w[2], c);
            d = sx_multiply_add(x[3], w[3], d);
            x += 4;
            w += 4;
        }
        for (; i > 0; --i) {
            a = sx_multiply_add(*x++, *w++, a);
        }
        x += gap;
    }
    return (a + b) + (c + d);
}

#endif
