/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_s16.h"

#include "sx_core.h"
#include "sx_elements.h"
#include "sx_requantize.h"

/** The value of a table at `index` / 128, 0..65535 / 128; below 0 at 0, beyond the end at the last index. */
static inline int32_t sx_softmax_s16_at(const int16_t *table, int32_t index)
{
    const int32_t i = (index < 0) ? 0 : (index > 65535) ? 65535 : index;
    const int32_t low = table[i >> 7];
    const int32_t high = table[(i >> 7) + 1];
    return low + (((high - low) * (i & 127) + 64) >> 7);
}

/** exp of a difference to the maximum, -65535..0. */
static inline int32_t sx_softmax_s16_exp(const sx_softmax_s16 *p, int32_t difference)
{
    /* A saturated product is far below -65535, where adding cannot overflow. */
    return sx_softmax_s16_at(p->exponentials, sx_scale_tflite(difference, p->multiplier, p->shift) + 65535);
}

static inline int32_t sx_softmax_s16_maximum(const sx_s16 *x, int32_t depth)
{
    int32_t largest = x[0];
    for (int32_t i = 1; i < depth; ++i) {
        largest = (x[i] > largest) ? x[i] : largest;
    }
    return largest;
}

void sx_softmax_s16_tflite(const sx_softmax_s16 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_softmax_s16 q = *p;
    const sx_s16 *x = (const sx_s16 *)(const void *)rows[0];
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t row = 0; row < q.rows; ++row) {
        const int32_t largest = sx_softmax_s16_maximum(x, q.depth);
        uint32_t sum = 0u;
        for (int32_t i = 0; i < q.depth; ++i) {
            sum += (uint32_t)sx_softmax_s16_exp(&q, x[i] - largest);
        }
        const int32_t zeros = sx_leading_zeros(sum);
        const int32_t bits = 31 - zeros;
        /* Q16 of 1 to 2, from the 31 bits of the sum that begin with its highest one. */
        const uint32_t fraction = (((sum << zeros) >> 1) + (1u << 13)) >> 14;
        const int32_t reciprocal = sx_softmax_s16_at(q.reciprocals, (int32_t)fraction - 65536);
        const int32_t half = 1 << (bits - 1);
        for (int32_t i = 0; i < q.depth; ++i) {
            const int32_t share = (sx_softmax_s16_exp(&q, x[i] - largest) * reciprocal + half) >> bits;
            y[i] = (int16_t)((share < 0) ? 0 : (share > 32767) ? 32767 : share);
        }
        x += q.depth;
        y += q.depth;
    }
}
