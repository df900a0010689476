/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_move.h"

#define CHOOSE(type)                                                                            \
    for (int32_t i = 0; i < run; ++i) {                                                         \
        *(type *)(void *)out = *(const type *)(const void *)((*condition != 0) ? a : b);        \
        out += sizeof(type);                                                                    \
        condition += steps[0];                                                                  \
        a += steps[1];                                                                          \
        b += steps[2];                                                                          \
    }

void sx_where(const sx_where_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t bytes = p->element_bytes;
    const int32_t run = sx_walk_run(&p->walk);
    const int32_t steps[3] = {sx_walk_step(&p->walk, 0), sx_walk_step(&p->walk, 1), sx_walk_step(&p->walk, 2)};
    int32_t index[SX_MAX_RANK] = {0};
    int32_t places[3] = {0, 0, 0};
    do {
        const int8_t *condition = rows[0] + places[0];
        const int8_t *a = rows[1] + places[1];
        const int8_t *b = rows[2] + places[2];
        if (bytes == 4) {
            CHOOSE(sx_u32)
        } else if (bytes == 1) {
            CHOOSE(int8_t)
        } else if (bytes == 2) {
            CHOOSE(sx_u16)
        } else {
            CHOOSE(sx_s64)
        }
    } while (sx_walk_next(&p->walk, 3, index, places));
}

#undef CHOOSE
