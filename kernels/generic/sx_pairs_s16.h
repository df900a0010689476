/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PAIRS_S16_H
#define SX_PAIRS_S16_H

#include "sx_pairs_s8.h"

/**
 * Arithmetic of two int16 tensors whose dims broadcast, by the formulas of sx_pairs_s8.h for tflite, with 15 bits of the fraction
 * for the operands of sums and none for those of squared differences. Steps are in bytes; there is no fixed-point form.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output, written in ascending order; operands of its dims may be the output itself
 */
void sx_add_s16_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_sub_s16_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_mul_s16_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_squared_difference_s16_tflite(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
