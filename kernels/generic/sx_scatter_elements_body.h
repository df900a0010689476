/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SCATTER_ELEMENTS_BODY_H
#define SX_SCATTER_ELEMENTS_BODY_H

#include "sx_elements.h"
#include "sx_scatter_elements.h"

/** The index of update k, from 0, or -1 when it is outside of x. */
static inline int32_t sx_scatter_index(const sx_scatter_elements *p, const int8_t *indices, int32_t k)
{
    const int64_t given = (p->index_bytes == 8) ? ((const sx_s64 *)(const void *)indices)[k]
                                                : ((const sx_s32 *)(const void *)indices)[k];
    const int64_t index = (given < 0) ? given + p->axis_size : given;
    return (index < 0 || index >= p->axis_size) ? -1 : (int32_t)index;
}

/** Where in x the element is that update k is for, or -1. */
static inline int32_t sx_scatter_place(const sx_scatter_elements *p, const int8_t *indices, int32_t k)
{
    const int32_t index = sx_scatter_index(p, indices, k);
    int32_t rest = k;
    int32_t place = 0;
    if (index < 0) {
        return -1;
    }
    for (int32_t axis = p->rank - 1; axis >= 0; --axis) {
        const int32_t coordinate = rest % p->dims[axis];
        rest /= p->dims[axis];
        place += ((axis == p->axis) ? index : coordinate) * p->strides[axis];
    }
    return place;
}

#endif
