/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_gather.h"
#include "sx_move.h"

void sx_gather_nd(const sx_gather_nd_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t tuple_bytes = p->depth * sx_dtype_bytes(p->dtype);
    const int8_t *x = rows[0];
    const int8_t *indices = rows[1];
    for (int32_t batch = 0; batch < p->batch; ++batch) {
        for (int32_t i = 0; i < p->count; ++i) {
            out = sx_copy(out, x + sx_place_of(p, indices), p->block_bytes);
            indices += tuple_bytes;
        }
        x += p->batch_bytes;
    }
}
