/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ROWS_H
#define SX_ROWS_H

#include <stddef.h>
#include <stdint.h>

/**
 * Find the input rows that one call of a row kernel needs.
 *
 * rows[i] becomes the first byte of input row `first + i * dilation`, or NULL when that row is padding, i.e. lies
 * outside [0, height). For output row y of a convolution, first = y * stride_height - pad_top.
 *
 * @param rows       out: `count` row pointers
 * @param count      kernel_height, >= 0
 * @param input      first byte of input row 0
 * @param height     number of input rows
 * @param row_bytes  distance between two input rows, in bytes: width * channels
 * @param first      index of the first row, may be negative or >= height
 * @param dilation   distance between two kernel rows, in input rows, >= 1
 */
static inline void sx_window(const int8_t **rows, int32_t count, const int8_t *input, int32_t height,
                             int32_t row_bytes, int32_t first, int32_t dilation)
{
    int32_t y = first;
    for (int32_t i = 0; i < count; ++i) {
        rows[i] = (y >= 0 && y < height) ? input + y * row_bytes : NULL;
        y += dilation;
    }
}

#endif
