/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_lookup_s8.h"

void sx_lookup_s8_exact(const sx_lookup_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int8_t *const middle = p->table + 128;
    const int8_t *x = rows[0];
    const int8_t *const end = x + p->size;
    const int8_t *const fours = x + (p->size & ~3);
    while (x != fours) {
        out[0] = middle[x[0]];
        out[1] = middle[x[1]];
        out[2] = middle[x[2]];
        out[3] = middle[x[3]];
        x += 4;
        out += 4;
    }
    while (x != end) {
        *out++ = middle[*x++];
    }
}
