/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LARGEST_F32_H
#define SX_LARGEST_F32_H

#include <stdint.h>

#include "sx_elements.h"

/** The position of the first of the largest elements; count >= 1. */
static inline int32_t sx_largest_f32(const sx_f32 *x, int32_t count)
{
    float largest = x[0];
    int32_t at = 0;
    for (int32_t i = 1; i < count; ++i) {
        const float value = x[i];
        if (value > largest) {
            largest = value;
            at = i;
        }
    }
    return at;
}

#endif
