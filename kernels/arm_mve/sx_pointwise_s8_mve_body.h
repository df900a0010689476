/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POINTWISE_S8_MVE_BODY_H
#define SX_POINTWISE_S8_MVE_BODY_H

#include "sx_channels_s8_mve.h"
#include "sx_pointwise_s8_mve.h"

/** See sx_pointwise_s8_mve.h. */
static inline void sx_pointwise_s8_mve_body(const sx_pointwise_s8_mve *p, const int8_t *const rows[], int8_t *out,
                                            sx_outputs_rule_mve *rule)
{
    const sx_requantize_s8_mve requantize = p->requantize;
    const sx_channels_s8_mve first = {p->weights, p->bias, 0};
    const int32_t in_channels = p->in_channels;
    const int32_t out_channels = p->out_channels;
    const int8_t *x = rows[0];
    for (int32_t pixel = 0; pixel < p->pixels; ++pixel) {
        (void)sx_window_channels_s8_mve(first, x, in_channels, p->weights_zero_point, out_channels, out, &requantize, rule);
        x += p->pixel_step;
        out += out_channels;
    }
}

#endif
