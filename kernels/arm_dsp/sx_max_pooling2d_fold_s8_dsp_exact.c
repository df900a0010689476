/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling2d_s8_dsp.h"

#include <stdbool.h>
#include <stddef.h>

#include "sx_columns.h"
#include "sx_maxima_s8_dsp.h"

/** Maxima of the channels of one output pixel, with those of one more row: `width` pixels, `step` apart. */
static inline void include_pixels(const sx_max_pooling2d_s8 *p, const int8_t *pixel, int32_t width, bool first,
                                  int8_t *maxima)
{
    const int32_t channels = p->channels;
    const int32_t step = p->dilation_width * channels;
    const uint32_t lowest = sx_four_times(p->minimum);
    for (int32_t channel = 0; channel < channels; channel += 4) {
        const int32_t left = channels - channel;
        uint32_t found = lowest;
        if (!first) {
            found = (left < 4) ? sx_load_some(maxima + channel, left) : sx_load_fours(maxima + channel);
        }
        if (width > 0) {
            found = sx_maxima_s8_include(found, pixel + channel, step, width, left);
        }
        sx_maxima_s8_store(maxima + channel, found, left);
    }
}

void sx_max_pooling2d_fold_s8_dsp_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                        int8_t *scratch)
{
    int8_t *maxima = scratch;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int8_t *const pixel = rows[0] + (x + columns.first * p->dilation_width) * p->channels;
        include_pixels(p, pixel, columns.last - columns.first, rows[1] == NULL, maxima);
        maxima += p->channels;
        x += p->stride_width;
    }
    if (out != NULL) {
        const uint32_t highest = sx_four_times(p->maximum);
        const int32_t size = p->out_width * p->channels;
        for (int32_t i = 0; i < size; i += 4) {
            const uint32_t word = (size - i < 4) ? sx_load_some(scratch + i, size - i) : sx_load_fours(scratch + i);
            sx_maxima_s8_store(out + i, sx_min_fours(word, highest), size - i);
        }
    }
}
