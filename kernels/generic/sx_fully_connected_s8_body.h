/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_FULLY_CONNECTED_S8_BODY_H
#define SX_FULLY_CONNECTED_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_dot_s8.h"
#include "sx_fully_connected_s8.h"

/** See sx_fully_connected_s8.h. */
static inline void sx_fully_connected_s8_body(const sx_fully_connected_s8 *p, const int8_t *const rows[], int8_t *out,
                                              sx_requantize_rule *rule, sx_dot *dot)
{
    const sx_requantize_s8 requantize = p->requantize;
    const int32_t in_features = p->in_features;
    const int8_t *x = rows[0];
    for (int32_t b = 0; b < p->batch; ++b) {
        const int8_t *w = p->weights;
        for (int32_t o = 0; o < p->out_features; ++o) {
            const int32_t bias = (p->bias != NULL) ? p->bias[o] : 0;
            const int32_t sum = dot(x, w, in_features, p->input_zero_point, p->weights_zero_point);
            *out++ = rule(bias + sum, &requantize, o);
            w += in_features;
        }
        x += in_features;
    }
}

#endif
