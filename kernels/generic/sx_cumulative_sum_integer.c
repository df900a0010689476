/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_along.h"

void sx_cumulative_sum_integer(const sx_along_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t bytes = sx_dtype_bytes(p->dtype);
    const int32_t step = (p->is_reverse ? -p->inner : p->inner) * bytes;
    const int32_t first = p->is_reverse ? (p->dim - 1) * p->inner * bytes : 0;
    for (int32_t outer = 0; outer < p->outer; ++outer) {
        for (int32_t inner = 0; inner < p->inner; ++inner) {
            int32_t place = (outer * p->dim * p->inner + inner) * bytes + first;
            int64_t sum = 0;
            for (int32_t k = 0; k < p->dim; ++k) {
                int64_t value;
                sx_load_integers(&value, rows[0] + place, 0, p->dtype, 1);
                const int64_t before = sum;
                sum = sx_add_s64(sum, value);
                (void)sx_store_integers(out + place, p->dtype, p->is_exclusive ? &before : &sum, 1);
                place += step;
            }
        }
    }
}
