/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_COLUMNS_H
#define SX_COLUMNS_H

#include <stdint.h>

/** Kernel columns [first, last) that read the row itself and not its padding; first == last: none does. */
typedef struct {
    int32_t first, last;
} sx_columns;

/**
 * The kernel columns inside the row: those i in [0, kernel_width) with 0 <= x + i * dilation < in_width.
 *
 * @param x  input column of kernel column 0: out_x * stride_width - pad_left
 */
static inline sx_columns sx_columns_inside(int32_t x, int32_t kernel_width, int32_t dilation, int32_t in_width)
{
    sx_columns columns = {0, kernel_width};
    int32_t left = x;
    int32_t right = x + (kernel_width - 1) * dilation;
    while (columns.first < columns.last && left < 0) {
        ++columns.first;
        left += dilation;
    }
    while (columns.first < columns.last && right >= in_width) {
        --columns.last;
        right -= dilation;
    }
    return columns;
}

/** The same without dilation. */
static inline sx_columns sx_adjoining_columns_inside(int32_t x, int32_t kernel_width, int32_t in_width)
{
    const int32_t padding = (x < 0) ? -x : 0;
    const int32_t inside = in_width - x;
    const int32_t last = (inside < kernel_width) ? inside : kernel_width;
    const sx_columns columns = {(padding < last) ? padding : last, last};
    return columns;
}

#endif
