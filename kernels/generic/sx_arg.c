/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_along.h"

/** The index of the largest (or least) of `dim` elements that are `step` bytes apart. */
static inline int64_t arg_of(const sx_along_params *p, const int8_t *x, int32_t step)
{
    const int32_t dtype = p->dtype;
    const int32_t is_least = p->is_least;
    const int32_t is_last = p->is_last;
    int64_t values[SX_INTEGERS];
    int64_t best = 0;
    int64_t found = -1;
    for (int32_t from = 0; from < p->dim; from += SX_INTEGERS) {
        const int32_t count = (p->dim - from < SX_INTEGERS) ? p->dim - from : SX_INTEGERS;
        sx_load_integers(values, x + from * step, step, dtype, count);
        for (int32_t i = 0; i < count; ++i) {
            /* ~ turns the order round, also of the least integer. */
            const int64_t value = is_least ? ~values[i] : values[i];
            if (found < 0 || value > best || (is_last && value == best)) {
                best = value;
                found = from + i;
            }
        }
    }
    return found;
}

void sx_arg(const sx_along_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t bytes = sx_dtype_bytes(p->dtype);
    const int32_t step = p->inner * bytes;
    const int8_t *x = rows[0];
    for (int32_t outer = 0; outer < p->outer; ++outer) {
        for (int32_t inner = 0; inner < p->inner; ++inner) {
            const int64_t index = arg_of(p, x + inner * bytes, step);
            out = sx_store_integers(out, p->index_dtype, &index, 1);
        }
        x += p->dim * step;
    }
}
