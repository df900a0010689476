/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PAD2D_S8_H
#define SX_PAD2D_S8_H

#include <stdint.h>

/** Parameters of one 2-D padding. Input and output share one quantization. */
typedef struct {
    int32_t left_bytes;  /* padding before a row: columns * channels, >= 0 */
    int32_t row_bytes;   /* an input row: width * channels, >= 1 */
    int32_t right_bytes; /* padding after a row, >= 0 */
    int32_t value;       /* of the padding, -128..127: the zero point */
} sx_pad2d_s8;

/**
 * One output row of a 2-D padding: left_bytes times value, the input row, right_bytes times value.
 *
 * @param rows  rows[0] is the input row [row_bytes]; NULL is a row of padding
 * @param out   output row [left_bytes + row_bytes + right_bytes]; must not overlap the input row
 */
void sx_pad2d_s8_exact(const sx_pad2d_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
