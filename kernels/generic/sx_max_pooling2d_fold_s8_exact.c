/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_max_pooling2d_fold_s8.h"

#include <stdbool.h>
#include <stddef.h>

#include "sx_columns.h"

/** Replace the maxima by those that include one more input row; the first row is compared with the lower limit. */
static inline void include_row(const sx_max_pooling2d_s8 *p, const int8_t *row, bool first, int8_t *maxima)
{
    const int32_t minimum = p->minimum;
    const int32_t channels = p->channels;
    const int32_t step = p->dilation_width * channels;
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t offset = (x + columns.first * p->dilation_width) * channels;
        for (int32_t channel = 0; channel < channels; ++channel) {
            int32_t largest = first ? minimum : *maxima;
            int32_t element = offset + channel;
            for (int32_t i = columns.first; i < columns.last; ++i) {
                largest = (row[element] > largest) ? row[element] : largest;
                element += step;
            }
            *maxima++ = (int8_t)largest;
        }
        x += p->stride_width;
    }
}

void sx_max_pooling2d_fold_s8_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                    int8_t *scratch)
{
    include_row(p, rows[0], rows[1] == NULL, scratch);
    if (out != NULL) {
        const int32_t maximum = p->maximum;
        const int32_t size = p->out_width * p->channels;
        for (int32_t i = 0; i < size; ++i) {
            out[i] = (int8_t)((scratch[i] < maximum) ? scratch[i] : maximum);
        }
    }
}
