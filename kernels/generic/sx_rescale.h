/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RESCALE_H
#define SX_RESCALE_H

#include <stdint.h>

/** Element types that a rescaling reads and writes. */
#define SX_RESCALE_S8 0
#define SX_RESCALE_S16 1
#define SX_RESCALE_S32 2

/** Parameters of one function of quantized integers that is linear on either side of 0. */
typedef struct {
    int32_t multiplier;          /* tflite: Q31 mantissa; onnx: bits of the float32 input scale */
    int32_t shift;               /* tflite: exponent; onnx: unused */
    int32_t negative_multiplier; /* tflite: for x < 0; onnx: bits of the float32 output scale */
    int32_t negative_shift;
    int32_t sign;             /* tflite: of what becomes of x < 0: 1 or -1 */
    int32_t folded;           /* tflite: 1: -x takes the place of x < 0 */
    int32_t input_zero_point; /* of the input's type */
    int32_t zero_point;       /* of the output's type */
    int32_t minimum, maximum; /* clamp limits */
    int32_t from, to;         /* element types of input and output; an output in int32 has zero point 0, and rule tflite */
    int32_t size;             /* number of elements */
} sx_rescale;

/**
 * out = clamp(x' + zero_point), x = input - input_zero_point.
 *
 * tflite: x' is x * multiplier for x >= 0, else sign * x * negative_multiplier, by sx_scale_tflite().
 * onnx: x' is rint(float32(x) * input scale / output scale).
 *
 * @param rows  rows[0] is the input [size]
 * @param out   output [size]; written in ascending order; elements of one size may take the place of their inputs
 */
void sx_rescale_tflite(const sx_rescale *p, const int8_t *const rows[], int8_t *out);
void sx_rescale_onnx(const sx_rescale *p, const int8_t *const rows[], int8_t *out);

#endif
