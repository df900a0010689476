/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SOFTMAX_S16_H
#define SX_SOFTMAX_S16_H

#include <stdint.h>

/** Parameters of one softmax of int16 over the innermost dimension; the output has scale 2^-15 and zero point 0. */
typedef struct {
    const int16_t *exponentials; /* [513] exp(x) for x = -10 to 0, Q15, corrected for linear interpolation */
    const int16_t *reciprocals;  /* [513] 1 / (1 + x) for x = 0 to 1, likewise */
    int32_t multiplier;          /* of scale * beta * 65535 / 10: Q31 mantissa, 2^30..2^31-1 */
    int32_t shift;               /* and exponent, -31..31 */
    int32_t rows;                /* number of independent vectors, >= 1 */
    int32_t depth;               /* their length, 1..65536 */
} sx_softmax_s16;

/**
 * Softmax of `rows` vectors, bit-exact to TensorFlow Lite Micro:
 *
 *     e[i] = exponentials at 65535 + (x[i] - max(x)) * multiplier, at least 0, in steps of 1/128
 *     sum  = of e, 2^n <= sum < 2^(n+1), and r = reciprocals at round(sum * 2^(16-n)) - 2^16
 *     out  = clamp(round(e * r / 2^n), 0, 32767)
 *
 * The product with the multiplier has the two roundings of sx_scale_tflite(), other roundings are to nearest, ties up.
 *
 * @param rows  rows[0] is the input [rows][depth], int16
 * @param out   output [rows][depth], int16; written in ascending order; may be the input itself or begin before it, but must
 *              not overlap it otherwise
 */
void sx_softmax_s16_tflite(const sx_softmax_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
