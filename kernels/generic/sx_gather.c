/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_gather.h"

#include "sx_move.h"

void sx_gather(const sx_gather_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t block_bytes = p->block_bytes;
    const int32_t index_bytes = sx_dtype_bytes(p->dtype);
    const int32_t dim = p->dim;
    const int8_t *x = rows[0];
    const int8_t *indices = rows[1];
    for (int32_t batch = 0; batch < p->batch; ++batch) {
        for (int32_t outer = 0; outer < p->outer; ++outer) {
            for (int32_t i = 0; i < p->count; ++i) {
                const int32_t index = sx_index_within(sx_load_index(indices + i * index_bytes, p->dtype), dim);
                out = sx_copy(out, x + index * block_bytes, block_bytes);
            }
            x += dim * block_bytes;
        }
        indices += p->count * index_bytes;
    }
}
