/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_f32.h"

#include "sx_largest_f32.h"
#include "sx_math_f32.h"
#include "sx_port.h"

/** exp(beta * difference), once in the code for both passes. */
static SX_NOINLINE float sx_softmax_f32_power(float beta, float difference)
{
    return sx_expf(beta * difference);
}

void sx_softmax_f32(const sx_softmax_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const float beta = p->beta;
    const int32_t depth = p->depth;
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    sx_f32 *to = (sx_f32 *)(void *)out;
    for (int32_t row = p->rows; row > 0; --row) {
        const float largest = x[sx_largest_f32(x, depth)];
        float sum = 0.0f;
        for (int32_t i = 0; i < depth; ++i) {
            sum += sx_softmax_f32_power(beta, x[i] - largest);
        }
        const float share = 1.0f / sum;
        for (int32_t i = 0; i < depth; ++i) {
            *to++ = sx_softmax_f32_power(beta, *x++ - largest) * share;
        }
    }
}
