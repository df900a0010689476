/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ROWS_H
#define SX_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "sx_port.h"

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
SX_SHARED static void sx_window(const int8_t **rows, int32_t count, const int8_t *input, int32_t height,
                             int32_t row_bytes, int32_t first, int32_t dilation)
{
    int32_t y = first;
    for (int32_t i = 0; i < count; ++i) {
        rows[i] = (y >= 0 && y < height) ? input + y * row_bytes : NULL;
        y += dilation;
    }
}

/**
 * The same for an input of which only the latest rows are kept: row y lies in slot y % ring_rows.
 *
 * @param ring_rows  number of slots, 1..height; the rows of the call must all be among the latest ring_rows
 */
SX_SHARED static void sx_ring_window(const int8_t **rows, int32_t count, const int8_t *input, int32_t height,
                                  int32_t row_bytes, int32_t ring_rows, int32_t first, int32_t dilation)
{
    int32_t y = first;
    for (int32_t i = 0; i < count; ++i) {
        rows[i] = (y >= 0 && y < height) ? input + (y % ring_rows) * row_bytes : NULL;
        y += dilation;
    }
}

/**
 * How many input rows, from the first on, must be there before a row kernel's call:
 * call * stride - pad + reach, at least 0 and at most height.
 *
 * @param call    number of calls made
 * @param stride  input rows from one call to the next
 * @param pad     rows of padding above the input; negative when its first rows are not read
 * @param reach   (kernel_height - 1) * dilation + 1
 */
static inline int32_t sx_rows_wanted(int32_t call, int32_t stride, int32_t pad, int32_t reach, int32_t height)
{
    const int32_t end = call * stride - pad + reach;
    return (end < 0) ? 0 : (end < height) ? end : height;
}

#endif
