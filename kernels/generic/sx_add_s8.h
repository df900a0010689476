/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ADD_S8_H
#define SX_ADD_S8_H

#include <stdint.h>

#include "sx_requantize.h"

/** Parameters of one elementwise addition of two tensors of equal shape. */
typedef struct {
    int32_t a_multiplier;       /* tflite: Q31 mantissa; onnx: bits of the float32 scale */
    int32_t a_shift;            /* tflite: exponent, -31..0; onnx: unused */
    int32_t a_zero_point;       /* -128..127 */
    int32_t b_multiplier;       /* as a_multiplier */
    int32_t b_shift;            /* as a_shift */
    int32_t b_zero_point;       /* -128..127 */
    int32_t out_multiplier;     /* as a_multiplier */
    int32_t out_shift;          /* tflite: exponent, -31..30; onnx: unused */
    int32_t out_zero_point;     /* -128..127 */
    int32_t minimum, maximum;   /* clamp limits, fused activation included */
    int32_t size;               /* number of elements */
    const int32_t *table;       /* [256], for x = -128 first, or NULL; with the fields below it is the fixed-point form */
    int32_t is_fixed;           /* 1: the fixed-point form gives the same outputs for all inputs; 0: it is not used */
    int32_t first;              /* which operand is x: 0: a, 1: b */
    int32_t offset;             /* without a table */
    int32_t x_weight;           /* without a table */
    int32_t y_weight;           /* |table[x]| or |offset + x_weight * x|, plus |y_weight * y|, is below 2^31 */
} sx_add_s8;

/** Bits of the fraction in the fixed-point form. */
#define SX_ADD_S8_FRACTION 21

/**
 * out[i] = a[i] + b[i], requantized.
 *
 * tflite, where "*" is multiplier and shift with the two roundings of sx_scale_tflite(), and the inputs' factors are
 * relative to 2 * max(a_scale, b_scale):
 *
 *     sum = ((a - a_zero_point) << 20) * a_factor + ((b - b_zero_point) << 20) * b_factor
 *     out = clamp(sum * out_factor + out_zero_point, minimum, maximum)
 *
 * onnx, every operation rounded to float32; the shifts are not used:
 *
 *     z   = (a - a_zero_point) * a_scale + (b - b_zero_point) * b_scale
 *     out = clamp(rint(z / out_scale) + out_zero_point, minimum, maximum)
 *
 * There are no more than 2^16 pairs of operands, so what rounds two or three times can be held against one multiplication or
 * two that do not round. Where these give the same outputs for all pairs, the parameters say so, and
 *
 *     out = clamp((table[x + 128] + y_weight * y) >> SX_ADD_S8_FRACTION, minimum, maximum)
 *
 * with offset + x_weight * x for table[x + 128] if table is NULL.
 *
 * @param rows  rows[0] is a, rows[1] is b, each [size]; both may be the same tensor
 * @param out   output [size]; written in ascending order; may be a or b itself or begin before them,
 *              but must not overlap them otherwise
 */
void sx_add_s8_tflite(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_add_s8_onnx(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
