/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POINTWISE_S8_MVE_BODY_H
#define SX_POINTWISE_S8_MVE_BODY_H

#include <stdbool.h>

#include "sx_channels_s8_mve.h"
#include "sx_pointwise_s8_mve.h"
#include "sx_thin_s8_mve.h"

/** See sx_pointwise_s8_mve.h. */
static inline void sx_pointwise_s8_mve_body(const sx_pointwise_s8_mve *p, const int8_t *const rows[], int8_t *out,
                                            sx_outputs_rule_mve *rule, sx_pixels_rule_mve *pixels_rule)
{
    const sx_requantize_s8_mve requantize = p->requantize;
    const int8_t *const weights = p->weights;
    const int32_t *const bias = p->bias;
    const int32_t count = p->in_channels;
    const int32_t channels = p->out_channels;
    const int32_t zero_point = p->weights_zero_point;
    /* For a few pixels, the setting up of each four channels would cost more than it saves. */
    const bool is_thin = count <= SX_THIN_MVE && zero_point == 0 && p->pixels > 4;
    const int32_t at_a_time = is_thin ? SX_THIN_PIXELS_MVE : 1;
    const int8_t *x = rows[0];
    for (int32_t left = p->pixels; left > 0; left -= at_a_time) {
        if (is_thin) {
            const int32_t pixels = (left < at_a_time) ? left : at_a_time;
            sx_thin_pixels_s8_mve(weights, bias, x, p->pixel_step, count, pixels, channels, out, &requantize, pixels_rule);
        } else {
            sx_window_channels_s8_mve(weights, bias, x, count, zero_point, channels, out, &requantize, 0, rule);
        }
        x += at_a_time * p->pixel_step;
        out += at_a_time * channels;
    }
}

#endif
