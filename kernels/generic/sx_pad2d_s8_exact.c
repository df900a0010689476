/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pad2d_s8.h"

#include <stddef.h>

/** Write `value` `count` times; returns where the next byte goes. */
static inline int8_t *pad(int8_t *out, int32_t count, int8_t value)
{
    for (int32_t i = 0; i < count; ++i) {
        *out++ = value;
    }
    return out;
}

void sx_pad2d_s8_exact(const sx_pad2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int8_t value = (int8_t)p->value;
    const int32_t row_bytes = p->row_bytes;
    const int32_t right_bytes = p->right_bytes;
    const int8_t *x = rows[0];
    out = pad(out, p->left_bytes, value);
    if (x == NULL) {
        out = pad(out, row_bytes, value);
    } else {
        for (int32_t i = 0; i < row_bytes; ++i) {
            *out++ = *x++;
        }
    }
    (void)pad(out, right_bytes, value);
}
