/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_concat_s8.h"

void sx_concat_s8_exact(const sx_concat_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t *const part_bytes = p->part_bytes;
    const int32_t parts = p->parts;
    const int32_t runs = p->runs;
    for (int32_t run = 0; run < runs; ++run) {
        for (int32_t part = 0; part < parts; ++part) {
            const int32_t bytes = part_bytes[part];
            const int8_t *x = rows[part] + run * bytes;
            const int8_t *const end = x + bytes;
            while (x != end) {
                *out++ = *x++;
            }
        }
    }
}
