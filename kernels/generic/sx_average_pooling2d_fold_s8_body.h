/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_AVERAGE_POOLING2D_FOLD_S8_BODY_H
#define SX_AVERAGE_POOLING2D_FOLD_S8_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "sx_average_pooling2d_fold_s8.h"
#include "sx_average_s8.h"
#include "sx_columns.h"

/** Type of what adds `count` pixels to the sums of their channels; kernels give it as a constant argument. */
typedef void sx_average_fold_add(const int8_t *pixel, int32_t channels, int32_t count, int32_t *sums);

/** The channels from `first` on. */
static inline void sx_average_fold_s8_channels(const int8_t *pixel, int32_t channels, int32_t count, int32_t *sums,
                                               int32_t first)
{
    for (int32_t channel = first; channel < channels; ++channel) {
        const int8_t *element = pixel + channel;
        int32_t sum = sums[channel];
        for (int32_t i = 0; i < count; ++i) {
            sum += *element;
            element += channels;
        }
        sums[channel] = sum;
    }
}

static inline void sx_average_fold_s8_add(const int8_t *pixel, int32_t channels, int32_t count, int32_t *sums)
{
    sx_average_fold_s8_channels(pixel, channels, count, sums, 0);
}

/** The outputs, from the sums of all rows; once an image. */
static inline void sx_average_fold_s8_finish(const sx_average_pooling2d_s8 *p, const int32_t *sums, int8_t *out,
                                             sx_average_rule *rule)
{
    const int32_t channels = p->channels;
    const int32_t minimum = p->minimum;
    const int32_t maximum = p->maximum;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_adjoining_columns_inside(x, p->kernel_width, p->in_width);
        const int32_t count = (columns.last - columns.first) * p->kernel_height;
        for (int32_t channel = 0; channel < channels; ++channel) {
            *out++ = sx_offset_clamp_s8(rule(p, *sums++, count), 0, minimum, maximum);
        }
        x += p->stride_width;
    }
}

/** See sx_average_pooling2d_fold_s8.h. */
static inline void sx_average_pooling2d_fold_s8_body(const sx_average_pooling2d_s8 *p, const int8_t *const rows[],
                                                     int8_t *out, int8_t *scratch, sx_average_rule *rule,
                                                     sx_average_fold_add *add)
{
    const int32_t channels = p->channels;
    int32_t *sums = (int32_t *)(void *)scratch;
    int32_t x = -p->pad_left;
    for (int32_t i = 0; rows[1] == NULL && i < p->out_width * channels; ++i) {
        sums[i] = 0;
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_adjoining_columns_inside(x, p->kernel_width, p->in_width);
        add(rows[0] + (x + columns.first) * channels, channels, columns.last - columns.first, sums);
        sums += channels;
        x += p->stride_width;
    }
    if (out != NULL) {
        sx_average_fold_s8_finish(p, (const int32_t *)(const void *)scratch, out, rule);
    }
}

#endif
