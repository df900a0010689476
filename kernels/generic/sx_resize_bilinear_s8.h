/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RESIZE_BILINEAR_S8_H
#define SX_RESIZE_BILINEAR_S8_H

#include <stdint.h>

/** Parameters of one bilinear interpolation of images [batch, in_height, in_width, channels]. */
typedef struct {
    const int32_t *row_places;     /* [out_height][2], the input rows above and below */
    const int16_t *row_weights;    /* [out_height], of the lower one, 2^10 being 1 */
    const int32_t *column_places;  /* [out_width][2], the input columns to the left and right */
    const int16_t *column_weights; /* [out_width], of the right one */
    int32_t batch;
    int32_t in_height, in_width, channels;
    int32_t out_height, out_width;
} sx_resize_bilinear_s8;

/**
 * out = round of the weighted mean of four input pixels, ties away from zero; the codes are those of the input's quantization.
 *
 * @param rows  rows[0] is the input
 * @param out   output [batch, out_height, out_width, channels]; must not overlap the input
 */
void sx_resize_bilinear_s8_tflite(const sx_resize_bilinear_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
