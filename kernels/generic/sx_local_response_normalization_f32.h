/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LOCAL_RESPONSE_NORMALIZATION_F32_H
#define SX_LOCAL_RESPONSE_NORMALIZATION_F32_H

#include <stdint.h>

/** Parameters of local response normalisation of float32. */
typedef struct {
    float alpha, beta, bias;
    int32_t pixels;        /* >= 1 */
    int32_t channels;      /* >= 1 */
    int32_t before, after; /* channels on either side that count, >= 0 */
} sx_local_response_normalization_f32_params;

/**
 * Over the channels of each pixel:
 *
 *     out[c] = x[c] / (bias + alpha * (sum of x[j]^2 over c - before <= j <= c + after, 0 <= j < channels))^beta
 *
 * The base must not be negative.
 *
 * @param rows  rows[0] is x, [pixels][channels]
 * @param out   [pixels][channels]; a pixel is written while its inputs are read, which it must not overlap
 */
void sx_local_response_normalization_f32(const sx_local_response_normalization_f32_params *p, const int8_t *const rows[],
                                         int8_t *out);

#endif
