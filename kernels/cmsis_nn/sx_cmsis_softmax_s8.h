/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_SOFTMAX_S8_H
#define SX_CMSIS_SOFTMAX_S8_H

#include "sx_cmsis_nn.h"

/** Parameters of one softmax over the innermost dimension. */
typedef struct {
    int32_t rows;                /* number of independent vectors, >= 1 */
    int32_t depth;               /* their length, 1..4095 */
    int32_t multiplier;          /* Q31 mantissa of beta * input scale as Q5.26 */
    int32_t shift;               /* its exponent, >= 0 */
    int32_t smallest_difference; /* x - max(x) below it has the exponential 0 */
} sx_cmsis_softmax_s8_params;

/**
 * Softmax of `rows` vectors, as sx_softmax_s8.h defines it for the tflite rule; the exponentials are computed, not
 * looked up.
 *
 * @param rows  rows[0] is the input [rows][depth]
 * @param out   output [rows][depth]; may be the input itself, but must not overlap it otherwise
 */
void sx_cmsis_softmax_s8(const sx_cmsis_softmax_s8_params *p, const int8_t *const rows[], int8_t *out);

#endif
