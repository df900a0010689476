/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_resize_bilinear_s8.h"

#include "sx_requantize.h"

void sx_resize_bilinear_s8_tflite(const sx_resize_bilinear_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_resize_bilinear_s8 q = *p;
    const int32_t row_bytes = q.in_width * q.channels;
    const int8_t *image = rows[0];
    for (int32_t n = 0; n < q.batch; ++n) {
        for (int32_t y = 0; y < q.out_height; ++y) {
            const int8_t *const above = image + q.row_places[2 * y] * row_bytes;
            const int8_t *const below = image + q.row_places[2 * y + 1] * row_bytes;
            const int32_t down = q.row_weights[y];
            for (int32_t x = 0; x < q.out_width; ++x) {
                const int32_t left = q.column_places[2 * x] * q.channels;
                const int32_t right = q.column_places[2 * x + 1] * q.channels;
                const int32_t across = q.column_weights[x];
                /* All weights add up to 2^20. */
                const int32_t below_right = down * across;
                const int32_t below_left = down * 1024 - below_right;
                const int32_t above_right = across * 1024 - below_right;
                const int32_t above_left = (1 << 20) - below_left - across * 1024;
                for (int32_t c = 0; c < q.channels; ++c) {
                    const int32_t upper = above[left + c] * above_left + above[right + c] * above_right;
                    const int32_t lower = below[left + c] * below_left + below[right + c] * below_right;
                    *out++ = (int8_t)sx_divide_pot(upper + lower, 20);
                }
            }
        }
        image += q.in_height * row_bytes;
    }
}
