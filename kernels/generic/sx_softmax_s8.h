/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SOFTMAX_S8_H
#define SX_SOFTMAX_S8_H

#include <stdint.h>

#include "sx_requantize.h"

/** Parameters of one softmax over the innermost dimension. */
typedef struct {
    const int32_t *exp_table;  /* [entries], at index d: exp(-d * beta * scale); tflite: Q31; onnx: bits of a float32. See `few` */
    const int32_t *powers;     /* few, onnx: [16][2] of exp(-16 * i * scale), exp(-i * scale), as bits of a float32; else NULL */
    const int8_t *corrections; /* few, onnx: [entries], units in the last place; else NULL */
    int32_t multiplier;        /* few, tflite: Q31 mantissa of beta * scale * 2^26, 2^30..2^31-1 */
    int32_t output_scale;      /* onnx: bits of the float32 scale; tflite: unused, the scale is 1 / 256 */
    int32_t rows;              /* number of independent vectors, >= 1 */
    int16_t depth;             /* their length, 1..4095 */
    int16_t entries;           /* 1..256; those behind are as good as 0, for `tflite` below SX_SOFTMAX_S8_LEAST */
    int8_t shift;              /* few, tflite: the exponent to the mantissa, 0..31; no difference below entries overflows */
    int8_t zero_point;         /* onnx: of the output; tflite: unused, it is -128 */
} sx_softmax_s8;

/** `tflite`: entries below this one are 0 as numbers in Q12.19, and give shares of less than half a step. */
#define SX_SOFTMAX_S8_LEAST (1 << 11)

/** Entry d of the table. */
static inline int32_t sx_softmax_s8_exp(const sx_softmax_s8 *p, int32_t d)
{
    return (d < p->entries) ? p->exp_table[d] : 0;
}

/**
 * Softmax of `rows` vectors: e[i] = exp_table[max(x) - x[i]], out[i] = e[i] / sum(e), quantized.
 *
 * tflite: the sum is Q12.19 of e rounded (ties away from zero); its reciprocal r / 2^(bits + 31) comes from three
 * Newton-Raphson steps in Q2.29; out = min(round(round(e * r / 2^31) / 2^(bits + 23)) - 128, 127). A difference beyond
 * the table gives -128. Bit-exact to TensorFlow Lite Micro.
 *
 * onnx: every operation rounded to float32, the sum taken in index order;
 * out = clamp(rint(e / sum / output_scale) + zero_point, -128, 127).
 *
 * @param rows  rows[0] is the input [rows][depth]
 * @param out   output [rows][depth]; written in ascending order; may be the input itself or begin before it, but must
 *              not overlap it otherwise
 */
void sx_softmax_s8_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_softmax_s8_onnx(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out);

/**
 * The same for so few elements that most of the table is not worth its flash: where exp_table is NULL, exponentials are computed.
 *
 * tflite: -d * beta * scale in Q5.26 is r less a sum of powers of two from 1/4 up, -1/4 <= r < 0. A Taylor series of fourth order
 * around -1/8 gives exp(r), and each power 2^k takes one factor exp(-2^k), as in TensorFlow Lite Micro.
 *
 * onnx: the rounded product powers[d / 16][0] * powers[d % 16][1], and corrections[d] added to its bits.
 */
void sx_softmax_few_s8_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_softmax_few_s8_onnx(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out);

/**
 * The same by rule tflite with an output of int16: out = min(round(round(e * r / 2^31) / 2^(bits + 15)) - 32768, 32767), of scale
 * 1 / 65536. It must not overlap the input.
 */
void sx_softmax_s8_s16_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
