/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_FULLY_CONNECTED_PACKED_S8_BODY_H
#define SX_FULLY_CONNECTED_PACKED_S8_BODY_H

#include <stdint.h>

#include "sx_fully_connected_packed_s8.h"
#include "sx_outputs_s8_dsp.h"

/** See sx_fully_connected_packed_s8.h. */
static inline void sx_fully_connected_packed_s8_body(const sx_fully_connected_packed_s8 *p, const int8_t *const rows[],
                                                     int8_t *out, sx_rule rule)
{
    const int8_t *x = rows[0];
    for (int32_t b = 0; b < p->batch; ++b) {
        sx_put_column(&p->requantize, x, p->in_features, p->weights, p->bias, 0, p->out_features, out, rule);
        x += p->in_features;
        out += p->out_features;
    }
}

#endif
