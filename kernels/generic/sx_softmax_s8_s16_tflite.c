/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_s8.h"

#include "sx_elements.h"
#include "sx_softmax_s8_tflite_body.h"

void sx_softmax_s8_s16_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int8_t *x = rows[0];
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t row = 0; row < p->rows; ++row) {
        const int32_t largest = sx_maximum_s8(x, p->depth);
        uint32_t sum = 0u;
        for (int32_t i = 0; i < p->depth; ++i) {
            sum += sx_softmax_divide(sx_softmax_s8_exp(p, largest - x[i]), 12);
        }
        const sx_softmax_inverse scale = sx_softmax_invert(sum, sx_multiply_q31);
        for (int32_t i = 0; i < p->depth; ++i) {
            const int32_t share = sx_multiply_q31(sx_softmax_s8_exp(p, largest - x[i]), scale.mantissa);
            const uint32_t value = sx_softmax_divide(share, scale.bits + 15);
            y[i] = (int16_t)(((value < 65535u) ? (int32_t)value : 65535) - 32768);
        }
        x += p->depth;
        y += p->depth;
    }
}
