/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING2D_S16_H
#define SX_POOLING2D_S16_H

#include <stdint.h>

/** Parameters of one 2-D pooling of int16. All sizes are in elements. */
typedef struct {
    int32_t minimum, maximum; /* clamp limits, fused activation included */
    int32_t in_width, channels, out_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_width, dilation_width, pad_left;
} sx_pooling2d_s16;

/**
 * One output row: the largest element of each window, or the mean of its codes rounded half away from zero, padding left out; clamped.
 * Input and output have one quantization. Means have no dilation.
 *
 * @param rows  kernel_height pointers to input rows [in_width][channels] of int16; NULL is a row of padding
 * @param out   output row [out_width][channels] of int16; must not overlap `rows`
 */
void sx_max_pooling2d_s16_exact(const sx_pooling2d_s16 *p, const int8_t *const rows[], int8_t *out);
void sx_average_pooling2d_s16_tflite(const sx_pooling2d_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
