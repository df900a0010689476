/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling2d_s8_dsp.h"

#include <stddef.h>

#include "sx_columns.h"
#include "sx_maxima_s8_dsp.h"

/** An output pixel; its windows are `width` columns from element `offset` of every row that is not padding. */
static inline void maxima_of_windows(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out, int32_t offset,
                                     int32_t width)
{
    const int32_t channels = p->channels;
    const int32_t kernel_height = p->kernel_height;
    const int32_t step = p->dilation_width * channels;
    const uint32_t lowest = sx_four_times(p->minimum);
    const uint32_t highest = sx_four_times(p->maximum);
    for (int32_t channel = 0; channel < channels; channel += 4) {
        const int32_t left = channels - channel;
        uint32_t maxima = lowest;
        for (int32_t ky = 0; ky < kernel_height; ++ky) {
            if (rows[ky] != NULL && width > 0) {
                maxima = sx_maxima_s8_include(maxima, rows[ky] + offset + channel, step, width, left);
            }
        }
        sx_maxima_s8_store(out + channel, sx_min_fours(maxima, highest), left);
    }
}

void sx_max_pooling2d_s8_dsp_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t offset = (x + columns.first * p->dilation_width) * p->channels;
        maxima_of_windows(p, rows, out, offset, columns.last - columns.first);
        out += p->channels;
        x += p->stride_width;
    }
}
