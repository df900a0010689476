/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_elements.h"
#include "sx_move.h"

int8_t *sx_copy(int8_t *out, const int8_t *x, int32_t bytes)
{
    int8_t *const end = out + bytes;
    if ((((uintptr_t)out | (uintptr_t)x) & 3u) == 0u) {
        sx_u32 *to = (sx_u32 *)(void *)out;
        const sx_u32 *from = (const sx_u32 *)(const void *)x;
        for (int32_t fours = bytes >> 4; fours > 0; --fours) {
            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
            to[3] = from[3];
            to += 4;
            from += 4;
        }
        for (int32_t words = (bytes >> 2) & 3; words > 0; --words) {
            *to++ = *from++;
        }
        out += bytes & ~3;
        x += bytes & ~3;
    }
    while (out != end) {
        *out++ = *x++;
    }
    return end;
}
