/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cast.h"

void sx_cast_integer(const sx_cast_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t step = sx_dtype_bytes(p->from);
    const int8_t *x = rows[0];
    int64_t values[SX_INTEGERS];
    for (int32_t left = p->size; left > 0; left -= SX_INTEGERS) {
        const int32_t count = (left < SX_INTEGERS) ? left : SX_INTEGERS;
        sx_load_integers(values, x, step, p->from, count);
        out = sx_store_integers(out, p->to, values, count);
        x += SX_INTEGERS * step;
    }
}
