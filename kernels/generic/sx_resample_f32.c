/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_resample_f32.h"

#include "sx_elements.h"

/** So many elements of a block are summed at a time. */
#define CHUNK 8

/** Where the taps of the present output element begin, dimension by dimension; false: it is outside. */
static inline int resample_has_taps(const sx_resample_f32_params *p, const int32_t *index, int32_t *begin)
{
    int32_t first = 0;
    for (int32_t axis = 0; axis < p->rank; ++axis) {
        begin[axis] = first + index[axis] * p->taps[axis];
        first += p->dims[axis] * p->taps[axis];
        if (p->weights[begin[axis]] != p->weights[begin[axis]]) {
            return 0;
        }
    }
    return 1;
}

/** Add all combinations of taps of `count` elements, which begin at x, to sums. */
static inline void resample_add_taps(const sx_resample_f32_params *p, const int32_t *begin, const sx_f32 *x, int32_t count, float *sums)
{
    int32_t tap[SX_MAX_RANK] = {0};
    int32_t axis = 0;
    while (axis >= 0) {
        float weight = 1.0f;
        int32_t place = 0;
        for (axis = 0; axis < p->rank; ++axis) {
            weight *= p->weights[begin[axis] + tap[axis]];
            place += p->places[begin[axis] + tap[axis]];
        }
        for (int32_t i = 0; i < count; ++i) {
            sums[i] += weight * x[place + i];
        }
        for (axis = p->rank - 1; axis >= 0 && ++tap[axis] == p->taps[axis]; --axis) {
            tap[axis] = 0;
        }
    }
}

void sx_resample_f32(const sx_resample_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *const x = (const sx_f32 *)(const void *)rows[0];
    const int32_t block = p->block;
    sx_f32 *y = (sx_f32 *)(void *)out;
    int32_t index[SX_MAX_RANK] = {0};
    int32_t begin[SX_MAX_RANK];
    int32_t axis = 0;
    while (axis >= 0) {
        const int is_inside = resample_has_taps(p, index, begin);
        for (int32_t from = 0; from < block; from += CHUNK) {
            const int32_t count = (block - from < CHUNK) ? block - from : CHUNK;
            float sums[CHUNK] = {0.0f};
            if (is_inside) {
                resample_add_taps(p, begin, x + from, count, sums);
            }
            for (int32_t i = 0; i < count; ++i) {
                *y++ = is_inside ? sums[i] : p->outside;
            }
        }
        for (axis = p->rank - 1; axis >= 0 && ++index[axis] == p->dims[axis]; --axis) {
            index[axis] = 0;
        }
    }
}

#undef CHUNK
