/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_gather.h"
#include "sx_move.h"

void sx_gather_elements(const sx_gather_elements_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t step = sx_walk_step(&p->walk, 0);
    const int32_t index_bytes = sx_dtype_bytes(p->dtype);
    const int8_t *indices = rows[1];
    int32_t index[SX_MAX_RANK] = {0};
    int32_t place = 0;
    do {
        const int8_t *x = rows[0] + place;
        for (int32_t i = 0; i < sx_walk_run(&p->walk); ++i) {
            const int32_t along = sx_index_within(sx_load_index(indices, p->dtype), p->dim);
            out = sx_copy(out, x + along * p->axis_bytes, p->element_bytes);
            indices += index_bytes;
            x += step;
        }
    } while (sx_walk_next(&p->walk, 1, index, &place));
}
