/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DOT_S8_H
#define SX_DOT_S8_H

#include <stdint.h>

/** How a body sums products: sx_dot_s8, or a faster function that gives the same sum. */
typedef int32_t sx_dot(const int8_t *x, const int8_t *w, int32_t count, int32_t x_zero, int32_t w_zero);

/**
 * sum of (x[i] - x_zero) * (w[i] - w_zero) over i < count. The usual case, symmetric weights, has its own loop: one
 * subtraction less.
 */
static inline int32_t sx_dot_s8(const int8_t *x, const int8_t *w, int32_t count, int32_t x_zero, int32_t w_zero)
{
    const int8_t *const end = x + count;
    int32_t sum = 0;
    if (w_zero == 0) {
        while (x != end) {
            sum += (*x++ - x_zero) * *w++;
        }
    } else {
        while (x != end) {
            sum += (*x++ - x_zero) * (*w++ - w_zero);
        }
    }
    return sum;
}

#endif
