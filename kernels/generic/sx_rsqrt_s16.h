/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RSQRT_S16_H
#define SX_RSQRT_S16_H

#include <stdint.h>

/** Parameters of the reciprocal square root of an int16 tensor; neither it nor the output has a zero point. */
typedef struct {
    int32_t multiplier; /* of 2^-20 / (sqrt(scale) * out_scale): Q31 mantissa, 0 or 2^30..2^31-1 */
    int32_t shift;      /* and exponent, -31..31 */
    int32_t size;       /* number of elements */
} sx_rsqrt_s16;

/**
 * out = min(1 / sqrt(x) * multiplier, 32767), the root in Q20 by sx_inverse_sqrt_q31(), with the two roundings of
 * sx_scale_tflite() for either product; 32767 for x <= 0. Bit-exact to TensorFlow Lite Micro, which has no x < 0.
 *
 * @param rows  rows[0] is the input [size], int16
 * @param out   output [size], int16; written in ascending order; may be the input itself
 */
void sx_rsqrt_s16_tflite(const sx_rsqrt_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
