/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_max_pooling2d_s8_mve.h"

#include <stddef.h>

#include "sx_columns.h"
#include "sx_pooling_s8_mve.h"

/** The maxima of `count` channels in a window; `offset` is the first element in every row, `columns` are inside it. */
static inline void window_maxima(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int32_t offset, int32_t columns,
                                 int8_t *maxima, int32_t count)
{
    (void)sx_fill_s8_mve(maxima, p->minimum, count);
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        for (int32_t i = 0; i < columns && rows[ky] != NULL; ++i) {
            sx_raise_to_s8_mve(maxima, rows[ky] + offset + i * p->dilation_width * p->channels, count);
        }
    }
}

void sx_max_pooling2d_s8_mve_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    int8_t maxima[SX_POOLED_MVE];
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        int32_t offset = (x + columns.first * p->dilation_width) * p->channels;
        for (int32_t left = p->channels; left > 0; left -= SX_POOLED_MVE) {
            const int32_t some = (left < SX_POOLED_MVE) ? left : SX_POOLED_MVE;
            window_maxima(p, rows, offset, columns.last - columns.first, maxima, some);
            sx_limit_s8_mve(out, maxima, p->maximum, some);
            offset += some;
            out += some;
        }
        x += p->stride_width;
    }
}
