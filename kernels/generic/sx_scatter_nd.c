/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_gather.h"
#include "sx_move.h"

void sx_scatter_nd(const sx_gather_nd_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t tuple_bytes = p->depth * sx_dtype_bytes(p->dtype);
    const int8_t *indices = rows[1];
    const int8_t *updates = rows[2];
    (void)sx_copy(out, rows[0], p->batch_bytes);
    for (int32_t i = 0; i < p->count; ++i) {
        (void)sx_copy(out + sx_place_of(p, indices), updates, p->block_bytes);
        indices += tuple_bytes;
        updates += p->block_bytes;
    }
}
