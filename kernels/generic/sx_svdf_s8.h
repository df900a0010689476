/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SVDF_S8_H
#define SX_SVDF_S8_H

#include "sx_requantize.h"

/** Parameters of one SVDF layer. */
typedef struct {
    const int8_t *weights;      /* [filters][inputs] of the features, symmetric */
    const int8_t *time_s8;      /* [filters][memory], symmetric; NULL where the state is int16 */
    const int16_t *time_s16;    /* the same; NULL where the state is int8 */
    const int32_t *bias;        /* [filters / rank]; or NULL */
    int32_t feature_multiplier; /* Q31 mantissa of s_x * s_weights / s_state */
    int32_t feature_shift;
    int32_t time_multiplier; /* of s_state * s_time / s_out */
    int32_t time_shift;
    int32_t input_zero_point, state_zero_point, zero_point;
    int32_t batch, inputs, filters, memory, rank;
} sx_svdf_s8;

/**
 * latest = clamp(sum of weights * (x - input_zero_point) * feature) + state_zero_point, behind what the state keeps of each filter;
 * out = clamp((bias + sum over rank filters and memory of time * (state - state_zero_point)) * time_scale + zero_point)
 *
 * "*" of a factor is multiplier and shift with the two roundings of sx_scale_tflite(). Sums wrap at 32 bits, as tflite-micro's do.
 *
 * @param rows  rows[0] is x [batch][inputs], rows[1] the state [batch][filters][memory], int8 or int16
 * @param out   output [batch][filters / rank]; no output may overlap an input
 * @param next  the next state
 */
void sx_svdf_s8_tflite(const sx_svdf_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *next);
void sx_svdf_s8_s16_tflite(const sx_svdf_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *next);

#endif
