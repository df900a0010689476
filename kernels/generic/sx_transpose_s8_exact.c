/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_transpose_s8.h"

/** Gather `count` elements that are `step` apart; the end of the copy. */
static inline int8_t *gather(int8_t *out, const int8_t *x, int32_t step, int32_t count)
{
    for (int32_t i = count >> 2; i > 0; --i) {
        out[0] = x[0];
        out[1] = x[step];
        out[2] = x[2 * step];
        out[3] = x[3 * step];
        x += 4 * step;
        out += 4;
    }
    for (int32_t i = count & 3; i > 0; --i) {
        *out++ = *x;
        x += step;
    }
    return out;
}

void sx_transpose_s8_exact(const sx_transpose_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t count = p->dims[3];
    const int32_t step = p->strides[3];
    for (int32_t i = 0; i < p->dims[0]; ++i) {
        for (int32_t j = 0; j < p->dims[1]; ++j) {
            int32_t offset = i * p->strides[0] + j * p->strides[1];
            for (int32_t k = 0; k < p->dims[2]; ++k) {
                out = gather(out, rows[0] + offset, step, count);
                offset += p->strides[2];
            }
        }
    }
}
