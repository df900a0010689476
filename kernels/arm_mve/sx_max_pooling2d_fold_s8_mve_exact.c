/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_columns.h"
#include "sx_max_pooling2d_s8_mve.h"
#include "sx_pooling_s8_mve.h"

void sx_max_pooling2d_fold_s8_mve_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                        int8_t *scratch)
{
    const int32_t channels = p->channels;
    const int32_t size = p->out_width * channels;
    if (rows[1] == NULL) {
        (void)sx_fill_s8_mve(scratch, p->minimum, size);
    }
    for (int32_t out_x = 0; out_x < p->out_width; ++out_x) {
        const int32_t x = out_x * p->stride_width - p->pad_left;
        const sx_columns columns = sx_columns_inside(x, p->kernel_width, p->dilation_width, p->in_width);
        for (int32_t i = columns.first; i < columns.last; ++i) {
            sx_raise_to_s8_mve(scratch + out_x * channels, rows[0] + (x + i * p->dilation_width) * channels, channels);
        }
    }
    if (out != NULL) {
        sx_limit_s8_mve(out, scratch, p->maximum, size);
    }
}
