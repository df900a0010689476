/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_FULLY_CONNECTED_PACKED_S8_H
#define SX_FULLY_CONNECTED_PACKED_S8_H

#include <stdint.h>

#include "sx_requantize_s8_dsp.h"

/** Parameters of one fully connected layer with symmetric weights, packed for sx_matvec_s8_dsp.h. */
typedef struct {
    const int32_t *weights; /* groups of four features, as sx_matmul_s8_dsp.h says */
    const int32_t *bias;    /* a multiple of four: bias[o] - input_zero_point * sum of weights[o], modulo 2^32 */
    sx_requantize_s8_dsp requantize;
    int32_t batch;          /* >= 1 */
    int32_t in_features;    /* >= 1 */
    int32_t out_features;   /* >= 1 */
} sx_fully_connected_packed_s8;

/**
 * What sx_fully_connected_s8_tflite and sx_fully_connected_s8_onnx compute, bit for bit.
 *
 * @param rows  rows[0] is the input [batch][in_features], at any address
 * @param out   output [batch][out_features]; must not overlap the input
 */
void sx_fully_connected_packed_s8_tflite(const sx_fully_connected_packed_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_fully_connected_packed_s8_onnx(const sx_fully_connected_packed_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
