/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_ADD_S8_H
#define SX_CMSIS_ADD_S8_H

#include "sx_cmsis_nn.h"

/** The quantization of one operand, in CMSIS-NN's signs. */
typedef struct {
    int32_t offset;     /* of an input: the negative of its zero point; of the output: its zero point */
    int32_t multiplier; /* Q31 mantissa */
    int32_t shift;      /* exponent, -31..0 */
} sx_cmsis_add_operand;

/** Parameters of one elementwise addition of two tensors of equal shape. */
typedef struct {
    sx_cmsis_add_operand a;
    sx_cmsis_add_operand b;
    sx_cmsis_add_operand output;
    int32_t left_shift; /* fraction bits that both inputs get before they are scaled: 20 */
    cmsis_nn_activation activation;
    int32_t size; /* number of elements */
} sx_cmsis_add_s8_params;

/**
 * out[i] = a[i] + b[i], requantized, as sx_add_s8.h defines it for the tflite rule.
 *
 * @param rows  rows[0] is a, rows[1] is b, each [size]; both may be the same tensor
 * @param out   output [size]; may be a or b itself, but must not overlap them otherwise
 */
void sx_cmsis_add_s8(const sx_cmsis_add_s8_params *p, const int8_t *const rows[], int8_t *out);

#endif
