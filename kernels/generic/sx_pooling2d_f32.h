/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_POOLING2D_F32_H
#define SX_POOLING2D_F32_H

#include <stdint.h>

#include "sx_clamp_f32.h"

/** Parameters of the 2-D poolings of float32. All sizes are in elements. */
typedef struct {
    sx_limits_f32 limits;
    float divisor;          /* of averages; 0: the number of elements inside */
    int32_t in_width;       /* >= 1 */
    int32_t channels;       /* >= 1 */
    int32_t out_width;      /* >= 1 */
    int32_t kernel_height;  /* >= 1 */
    int32_t kernel_width;   /* >= 1 */
    int32_t stride_width;   /* >= 1 */
    int32_t dilation_width; /* >= 1 */
    int32_t pad_left;       /* >= 0; padding on the right is what out_width needs */
} sx_pooling2d_f32_params;

/**
 * One output row of a 2-D pooling of float32.
 *
 *     out[x][c] = clamp(f over ky, kx of rows[ky][x * stride_width - pad_left + kx * dilation_width][c])
 *
 * f is the mean or the largest element. Elements outside the row and of NULL rows are left out; the mean of no element is
 * NaN, the largest of none -infinity. Whether NaN counts as the largest is not specified.
 *
 * @param rows  kernel_height pointers to input rows [in_width][channels]; NULL is a row of padding
 * @param out   output row [out_width][channels]; its pixels are written from left to right, each channel after its window
 *              was read; it may overlap `rows` where that overwrites nothing that is still to be read
 */
void sx_average_pooling2d_f32(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out);
void sx_max_pooling2d_f32(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out);

/**
 * The same for windows that reach over the whole height: kernel_height is the number of input rows, no row is padding.
 * One call per row, top first.
 *
 * @param rows     rows[0] is the input row [in_width][channels]; rows[1] is NULL at the first call, else scratch
 * @param out      output row [out_width][channels] at the last call, else NULL; it is written after the input row was
 *                 read, which it may overlap; it must not overlap scratch
 * @param scratch  sums or maxima, float32 [out_width][channels]; the first call does not read it, the later ones find what
 *                 the one before has left there
 */
void sx_average_pooling2d_fold_f32(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out,
                                   int8_t *scratch);
void sx_max_pooling2d_fold_f32(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch);

#endif
