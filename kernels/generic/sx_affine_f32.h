/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AFFINE_F32_H
#define SX_AFFINE_F32_H

#include <stdint.h>

#include "sx_dot_f32.h"

/**
 * sums[u] += sum over i of x[i] * weights[u][i].
 *
 * Weights are blocks of four units [i][4], then the units that are left, [i] each.
 */
static inline void sx_affine_f32(sx_f32 *sums, int32_t units, const sx_f32 *x, const float *weights, int32_t inputs)
{
    const sx_runs_f32 all = {1, inputs, 0};
    int32_t unit = 0;
    for (; unit + 4 <= units; unit += 4) {
        float four[4] = {sums[unit], sums[unit + 1], sums[unit + 2], sums[unit + 3]};
        sx_dot4_f32(four, x, weights, &all);
        for (int32_t i = 0; i < 4; ++i) {
            sums[unit + i] = four[i];
        }
        weights += 4 * inputs;
    }
    for (; unit < units; ++unit) {
        sums[unit] = sx_dot1_f32(sums[unit], x, weights, &all);
        weights += inputs;
    }
}

#endif
