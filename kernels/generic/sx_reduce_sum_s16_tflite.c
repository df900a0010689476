/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_reduce_s16.h"

static inline int32_t sx_reduce_s16_sum(const sx_s16 *x, const sx_reduction *over, int32_t first)
{
    int32_t sum = first;
    for (int32_t i = 0; i < over->reduced[0]; ++i) {
        for (int32_t j = 0; j < over->reduced[1]; ++j) {
            const sx_s16 *element = x + i * over->reduced_steps[0] + j * over->reduced_steps[1];
            for (int32_t k = 0; k < over->reduced[2]; ++k) {
                sum += *element;
                element += over->reduced_steps[2];
            }
        }
    }
    return sum;
}

void sx_reduce_sum_s16_tflite(const sx_reduce_sum_s16 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_reduction over = p->over;
    const sx_s16 *const input = (const sx_s16 *)(const void *)rows[0];
    sx_s16 *y = (sx_s16 *)(void *)out;
    for (int32_t i = 0; i < over.kept[0]; ++i) {
        for (int32_t j = 0; j < over.kept[1]; ++j) {
            for (int32_t k = 0; k < over.kept[2]; ++k) {
                const sx_s16 *const x = input + sx_reduction_first(&over, i, j, k);
                const int32_t sum = sx_reduce_s16_sum(x, &over, p->offset);
                const int32_t value = sx_scale_tflite(sum, p->multiplier, p->shift);
                const int32_t low = INT16_MIN - p->zero_point;
                const int32_t high = INT16_MAX - p->zero_point;
                *y++ = (int16_t)(((value < low) ? low : (value > high) ? high : value) + p->zero_point);
            }
        }
    }
}
