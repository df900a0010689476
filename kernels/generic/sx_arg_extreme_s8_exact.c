/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_arg_extreme_s8.h"

#include "sx_elements.h"

void sx_arg_extreme_s8_exact(const sx_arg_extreme_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_arg_extreme_s8 q = *p;
    sx_s32 *const narrow = (sx_s32 *)(void *)out;
    sx_s64 *const wide = (sx_s64 *)(void *)out;
    for (int32_t i = 0; i < q.outer * q.inner; ++i) {
        const int8_t *x = rows[0] + (i / q.inner) * q.depth * q.inner + i % q.inner;
        int32_t best = q.sign * *x;
        int32_t index = 0;
        for (int32_t k = 1; k < q.depth; ++k) {
            x += q.inner;
            /* As large counts as larger where the last of equal elements is wanted. */
            if (q.sign * *x >= best + 1 - q.last) {
                best = q.sign * *x;
                index = k;
            }
        }
        if (q.out_bytes == 8) {
            wide[i] = index;
        } else {
            narrow[i] = index;
        }
    }
}
