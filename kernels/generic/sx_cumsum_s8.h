/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CUMSUM_S8_H
#define SX_CUMSUM_S8_H

#include "sx_requantize.h"

/** Parameters of the sums up to each element along one dimension of a tensor [outer, depth, inner]. */
typedef struct {
    int32_t outer, depth, inner;
    int32_t exclusive;        /* 1: without the element itself */
    int32_t reverse;          /* 1: from the last element to the first */
    int32_t first;            /* what a sum begins with: 0 (onnx) or -input_zero_point (tflite) */
    int32_t input_zero_point; /* -128..127 */
    int32_t multiplier;       /* tflite: Q31 mantissa; onnx: bits of the float32 factor */
    int32_t shift;            /* tflite: exponent; onnx: unused */
    int32_t zero_point;       /* of the output, -128..127 */
} sx_cumsum_s8;

/**
 * out = clamp(sum * factor + zero_point), sum = first + sum of (x - input_zero_point) up to the element.
 *
 * tflite: sums have 19 more bits, modulo 2^32, as tflite-micro's have. onnx: float32(sum) times the float32 factor.
 *
 * @param rows  rows[0] is the input
 * @param out   output; must not overlap the input
 */
void sx_cumsum_s8_tflite(const sx_cumsum_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_cumsum_s8_onnx(const sx_cumsum_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
