/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_FULLY_CONNECTED_S8_BLOCKS_H
#define SX_FULLY_CONNECTED_S8_BLOCKS_H

#include <stdint.h>

#include "sx_dot4_s8.h"
#include "sx_dot_s8.h"
#include "sx_fully_connected_s8.h"
#include "sx_store_s8.h"

/** See sx_fully_connected_s8.h: four outputs at a time where weights are symmetric, the rest one by one. */
static inline void sx_fully_connected_s8_blocks(const sx_fully_connected_s8 *p, const int8_t *const rows[], int8_t *out,
                                                sx_store_s8 *store)
{
    const int32_t in_features = p->in_features;
    const int32_t blocks_end = (p->weights_zero_point == 0) ? p->out_features & ~3 : 0;
    const int8_t *x = rows[0];
    for (int32_t b = 0; b < p->batch; ++b) {
        const int8_t *w = p->weights;
        int32_t o = 0;
        while (o < p->out_features) {
            int32_t sums[4] = {0, 0, 0, 0};
            int32_t count = 4;
            if (o < blocks_end) {
                sx_dot4_s8(sums, x, w, in_features, in_features, p->input_zero_point);
            } else {
                sums[0] = sx_dot_s8(x, w, in_features, p->input_zero_point, p->weights_zero_point);
                count = 1;
            }
            store(out, sums, count, p->bias, &p->requantize, o);
            out += count;
            o += count;
            w += count * in_features;
        }
        x += in_features;
    }
}

#endif
