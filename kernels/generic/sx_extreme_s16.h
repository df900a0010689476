/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_EXTREME_S16_H
#define SX_EXTREME_S16_H

#include "sx_broadcast.h"

/** Parameters of the minimum and the maximum of two int16 tensors whose dims broadcast, all quantized alike. */
typedef struct {
    sx_broadcast over; /* steps in bytes */
} sx_extreme_s16;

/**
 * out = min or max of a and b.
 *
 * @param rows  rows[0] is a, rows[1] is b
 * @param out   output, written in ascending order; operands of its dims may be the output itself or begin behind it
 */
void sx_minimum_s16_exact(const sx_extreme_s16 *p, const int8_t *const rows[], int8_t *out);
void sx_maximum_s16_exact(const sx_extreme_s16 *p, const int8_t *const rows[], int8_t *out);

#endif
