/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_max_pooling2d_s8_window.h"

void sx_max_pooling2d_s8_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    int32_t x = -p->pad_left;
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        const int32_t offset = (x + columns.first * p->dilation_width) * p->channels;
        for (int32_t channel = 0; channel < p->channels; ++channel) {
            const int32_t largest = sx_max_pooling2d_s8_window(p, rows, offset + channel, columns.last - columns.first);
            *out++ = (int8_t)((largest < p->maximum) ? largest : p->maximum);
        }
        x += p->stride_width;
    }
}
