/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CURVE_S16_H
#define SX_CURVE_S16_H

#include "sx_sigmoid_s16.h"

/** Parameters of the sigmoid or tanh of an int16 tensor whose output has scale 2^-15. */
typedef struct {
    sx_sigmoid_s16 curve;
    int32_t size; /* number of elements */
} sx_curve_s16;

/**
 * The functions of sx_sigmoid_s16.h for each element.
 *
 * @param rows  rows[0] is the input [size], int16
 * @param out   output [size], int16; written in ascending order; may be the input itself
 */
void sx_sigmoid_s16_tflite(const sx_curve_s16 *p, const int8_t *const rows[], int8_t *out);
void sx_tanh_s16_tflite(const sx_curve_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
