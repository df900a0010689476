/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_move.h"

#define GATHER(type)                                                    \
    for (int32_t i = 0; i < count; ++i) {                               \
        *(type *)(void *)out = *(const type *)(const void *)x;          \
        out += sizeof(type);                                            \
        x += step;                                                      \
    }

/** Elements that are `step` apart; the end of the copy. */
static inline int8_t *gather_elements(int8_t *out, const int8_t *x, int32_t step, int32_t count, int32_t bytes)
{
    if (bytes == 4) {
        GATHER(sx_u32)
    } else if (bytes == 1) {
        GATHER(int8_t)
    } else if (bytes == 2) {
        GATHER(sx_u16)
    } else if (bytes == 8) {
        GATHER(sx_s64)
    } else {
        for (int32_t i = 0; i < count; ++i) {
            out = sx_copy(out, x, bytes);
            x += step;
        }
    }
    return out;
}

void sx_move_strided(const sx_move_strided_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t bytes = p->element_bytes;
    const int32_t run = sx_walk_run(&p->walk);
    const int32_t step = sx_walk_step(&p->walk, 0);
    int32_t index[SX_MAX_RANK] = {0};
    int32_t place = p->offset;
    do {
        out = (step == bytes) ? sx_copy(out, rows[0] + place, run * bytes)
                              : gather_elements(out, rows[0] + place, step, run, bytes);
    } while (sx_walk_next(&p->walk, 1, index, &place));
}

#undef GATHER
