/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_L2_NORMALIZATION_S8_H
#define SX_L2_NORMALIZATION_S8_H

#include <stdint.h>

/** Parameters of one L2 normalization over the innermost dimension. */
typedef struct {
    int32_t rows;             /* number of independent vectors */
    int32_t depth;            /* their length; up to 2^15, so that the sum of squares fits */
    int32_t input_zero_point; /* -128..127 */
} sx_l2_normalization_s8;

/**
 * out[i] = clamp(128 * v[i] / sqrt(sum of v^2)), v = x - input_zero_point: the output has scale 1/128 and zero point 0.
 *
 * @param rows  rows[0] is the input [rows][depth]
 * @param out   output [rows][depth]; written in ascending order; may be the input itself or begin before it, but must not overlap
 *              it otherwise
 */
void sx_l2_normalization_s8_tflite(const sx_l2_normalization_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
