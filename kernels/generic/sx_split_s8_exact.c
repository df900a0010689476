/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_split_s8.h"

#include <stdarg.h>

/** Copy `runs` runs of `bytes` bytes, which are `step` apart in the input. */
static inline void copy_part(const int8_t *x, int32_t step, int32_t runs, int32_t bytes, int8_t *out)
{
    for (int32_t run = 0; run < runs; ++run) {
        for (int32_t i = 0; i < bytes; ++i) {
            *out++ = x[i];
        }
        x += step;
    }
}

void sx_split_s8_exact(const sx_split_s8 *p, const int8_t *const rows[], int8_t *out, ...)
{
    const int8_t *x = rows[0];
    va_list others;
    va_start(others, out);
    for (int32_t part = 0; part < p->parts; ++part) {
        int8_t *const target = (part == 0) ? out : va_arg(others, int8_t *);
        copy_part(x, p->run_bytes, p->runs, p->part_bytes[part], target);
        x += p->part_bytes[part];
    }
    va_end(others);
}
