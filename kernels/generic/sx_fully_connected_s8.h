/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_FULLY_CONNECTED_S8_H
#define SX_FULLY_CONNECTED_S8_H

#include <stdint.h>

#include "sx_requantize.h"

/** Parameters of one fully connected layer. */
typedef struct {
    const int8_t *weights;      /* [out_features][in_features] */
    const int32_t *bias;        /* [out_features], at scale input_scale * weights_scale; or NULL */
    sx_requantize_s8 requantize;
    int32_t input_zero_point;   /* -128..127 */
    int32_t weights_zero_point; /* -128..127, one for the tensor; 0 is faster */
    int32_t batch;              /* >= 1 */
    int32_t in_features;        /* >= 1 */
    int32_t out_features;       /* >= 1 */
} sx_fully_connected_s8;

/**
 * A fully connected layer, for `batch` inputs.
 *
 *     acc[b][o] = bias[o] + sum over i of (input[b][i] - input_zero_point) * (weights[o][i] - weights_zero_point)
 *     out[b][o] = clamp(requantized(acc[b][o]) + zero_point, minimum, maximum)
 *
 * The sum must fit in an int32_t.
 *
 * @param rows  rows[0] is the input [batch][in_features]
 * @param out   output [batch][out_features]; must not overlap the input
 */
void sx_fully_connected_s8_tflite(const sx_fully_connected_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_fully_connected_s8_onnx(const sx_fully_connected_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
