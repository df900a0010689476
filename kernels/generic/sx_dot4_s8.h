/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DOT4_S8_H
#define SX_DOT4_S8_H

#include <stdint.h>

/**
 * To each of four sums add that of (x[i] - x_zero) * w[i] over i < count, the weights of each beginning `step` after
 * those of the one before. The input's zero point is subtracted once for four products.
 *
 * Never inline: amid the loops of a convolution compilers keep some of the values of this loop in memory. It has one
 * index for all five pointers, because that is what the shortest code needs on a core without post-increment.
 */
__attribute__((noinline)) static void sx_dot4_s8(int32_t sums[4], const int8_t *x, const int8_t *w, int32_t step,
                                                 int32_t count, int32_t x_zero)
{
    const int8_t *const x_end = x + count;
    const int8_t *const w_a = w + count;
    const int8_t *const w_b = w_a + step;
    const int8_t *const w_c = w_b + step;
    const int8_t *const w_d = w_c + step;
    int32_t a = sums[0];
    int32_t b = sums[1];
    int32_t c = sums[2];
    int32_t d = sums[3];
#if defined(__clang__)
#pragma clang loop unroll(disable) /* unrolled, it keeps an address per load */
#endif
    for (int32_t i = -count; i != 0; ++i) {
        const int32_t value = x_end[i] - x_zero;
        a += value * w_a[i];
        b += value * w_b[i];
        c += value * w_c[i];
        d += value * w_d[i];
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

#endif
