/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TRANSPOSE_S8_H
#define SX_TRANSPOSE_S8_H

#include <stdint.h>

/** Parameters of one transposition of up to four dimensions. Tensors of fewer have leading dimensions of 1. */
typedef struct {
    int32_t dims[4];    /* of the output, outermost first, each >= 1 */
    int32_t strides[4]; /* in elements: the step in the input for a step along that dimension of the output */
} sx_transpose_s8;

/**
 * out[i][j][k][l] = input[i * strides[0] + j * strides[1] + k * strides[2] + l * strides[3]], without rounding.
 *
 * @param rows  rows[0] is the input
 * @param out   output, dims[0] * dims[1] * dims[2] * dims[3] elements; must not overlap the input
 */
void sx_transpose_s8_exact(const sx_transpose_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
