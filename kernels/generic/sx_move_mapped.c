/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_elements.h"
#include "sx_move.h"

#define GATHER(type)                                                                            \
    for (int32_t i = 0; i < count; ++i) {                                                       \
        const int8_t *const source = (places[i] < 0) ? value : x + places[i];                   \
        *(type *)(void *)out = *(const type *)(const void *)source;                             \
        out += sizeof(type);                                                                    \
    }

/** Elements at places behind x, or `value` where x is NULL or the place negative; the end of the copy. */
static inline int8_t *gather_places(int8_t *out, const int8_t *x, const int32_t *places, int32_t count,
                                    const int8_t *value, int32_t bytes)
{
    if (x == NULL) {
        for (int32_t i = 0; i < count; ++i) {
            out = sx_copy(out, value, bytes);
        }
    } else if (bytes == 4) {
        GATHER(sx_u32)
    } else if (bytes == 1) {
        GATHER(int8_t)
    } else {
        for (int32_t i = 0; i < count; ++i) {
            out = sx_copy(out, (places[i] < 0) ? value : x + places[i], bytes);
        }
    }
    return out;
}

void sx_move_mapped(const sx_move_mapped_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t last = p->rank - 1;
    int32_t index[SX_MAX_RANK] = {0};
    int32_t axis = 0;
    while (axis >= 0) {
        const int32_t *places = p->places;
        const int8_t *x = rows[0];
        for (axis = 0; axis < last; ++axis) {
            const int32_t place = places[index[axis]];
            x = (x == NULL || place < 0) ? NULL : x + place;
            places += p->dims[axis];
        }
        out = gather_places(out, x, places, p->dims[last], p->value, p->element_bytes);
        for (axis = last - 1; axis >= 0 && ++index[axis] == p->dims[axis]; --axis) {
            index[axis] = 0;
        }
    }
}

#undef GATHER
