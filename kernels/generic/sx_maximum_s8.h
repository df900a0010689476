/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAXIMUM_S8_H
#define SX_MAXIMUM_S8_H

#include <stdint.h>

/** The largest of x[0..count); count >= 1. */
static inline int32_t sx_maximum_s8(const int8_t *x, int32_t count)
{
    int32_t largest = x[0];
    for (int32_t i = 1; i < count; ++i) {
        largest = (x[i] > largest) ? x[i] : largest;
    }
    return largest;
}

#endif
