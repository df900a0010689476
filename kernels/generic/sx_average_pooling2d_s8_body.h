/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_S8_BODY_H
#define SX_AVERAGE_POOLING2D_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_average_pooling2d_s8.h"
#include "sx_average_s8.h"
#include "sx_columns.h"

/** The window of one output pixel: `width` columns from element `offset` of every row that is not padding. */
typedef struct {
    int32_t offset, width;
    int32_t count; /* of its elements in one channel */
} sx_average_window;

/** Type of what computes an output pixel; kernels give it as a constant argument. */
typedef void sx_average_pixel(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                              sx_average_window window, sx_average_rule *rule);

/** The sum of a window in one channel. */
static inline int32_t sx_average_pooling2d_s8_sum(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                  sx_average_window window, int32_t channel)
{
    const int32_t kernel_height = p->kernel_height;
    const int32_t channels = p->channels;
    int32_t sum = 0;
    for (int32_t ky = 0; ky < kernel_height; ++ky) {
        if (rows[ky] != NULL) {
            const int8_t *x = rows[ky] + window.offset + channel;
            for (int32_t i = 0; i < window.width; ++i) {
                sum += *x;
                x += channels;
            }
        }
    }
    return sum;
}

/** The channels of an output pixel from `first` on. */
static inline void sx_average_pooling2d_s8_channels(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                    int8_t *out, sx_average_window window, sx_average_rule *rule,
                                                    int32_t first)
{
    for (int32_t channel = first; channel < p->channels; ++channel) {
        const int8_t value = rule(p, sx_average_pooling2d_s8_sum(p, rows, window, channel), window.count);
        out[channel] = sx_offset_clamp_s8(value, 0, p->minimum, p->maximum);
    }
}

static inline void sx_average_pooling2d_s8_pixel(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                                 sx_average_window window, sx_average_rule *rule)
{
    sx_average_pooling2d_s8_channels(p, rows, out, window, rule, 0);
}

/** See sx_average_pooling2d_s8.h. */
static inline void sx_average_pooling2d_s8_body(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                int8_t *out, sx_average_rule *rule, sx_average_pixel *pixel)
{
    int32_t height = 0;
    int32_t x = -p->pad_left;
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        height += (rows[ky] != NULL) ? 1 : 0;
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, 1, p->in_width);
        const int32_t width = columns.last - columns.first;
        const sx_average_window window = {(x + columns.first) * p->channels, width, width * height};
        pixel(p, rows, out, window, rule);
        out += p->channels;
        x += p->stride_width;
    }
}

#endif
