/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAX_POOLING2D_S8_H
#define SX_MAX_POOLING2D_S8_H

#include <stdint.h>

/** Parameters of one 2-D max pooling. Input and output share one quantization. */
typedef struct {
    int32_t minimum, maximum; /* clamp limits, fused activation included: -128 <= minimum <= maximum <= 127 */
    int32_t in_width;         /* >= 1 */
    int32_t channels;         /* >= 1 */
    int32_t out_width;        /* >= 1 */
    int32_t kernel_height;    /* >= 1 */
    int32_t kernel_width;     /* >= 1 */
    int32_t stride_width;     /* >= 1 */
    int32_t dilation_width;   /* >= 1 */
    int32_t pad_left;         /* >= 0; padding on the right is what out_width needs */
} sx_max_pooling2d_s8;

/**
 * One output row of a 2-D max pooling: out = clamp(maximum of the window's elements, minimum, maximum), without
 * rounding. Padding, i.e. columns outside the row and NULL rows, takes no part; a window of nothing else gives minimum.
 *
 * @param rows  kernel_height pointers to input rows [in_width][channels]; NULL is a row of padding
 * @param out   output row [out_width][channels]; its pixels are written from left to right, each channel after its
 *              window was read; it may overlap `rows` where that overwrites nothing that is still to be read
 */
void sx_max_pooling2d_s8_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
