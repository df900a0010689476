/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_TIME_DELTA_S8_H
#define SX_TIME_DELTA_S8_H

#include <stdint.h>

/** Parameters of the first difference along time. */
typedef struct {
    int32_t frames;     /* T, at least 1 */
    int32_t channels;   /* C, at least 1 */
    int32_t shift;      /* k, 0..7: output scale = input scale * 2^k */
    int32_t zero_point; /* of the output, -128..127; that of the input cancels out */
} sx_time_delta_s8;

/**
 * out[0] = zero_point; out[t] = clamp(floor((x[t] - x[t-1] + 2^(k-1)) / 2^k) + zero_point, -128, 127), for each channel.
 * Ties round up; k = 0 does not round.
 *
 * @param rows  rows[0] is x [T][C]
 * @param out   output [T][C]; must not overlap x
 */
void sx_time_delta_s8_exact(const sx_time_delta_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
