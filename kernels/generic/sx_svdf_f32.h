/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SVDF_F32_H
#define SX_SVDF_F32_H

#include <stdint.h>

#include "sx_clamp_f32.h"

/** Parameters of a filter that is the product of one over features and one over time. */
typedef struct {
    const float *features; /* blocks of four filters [inputs][4], then the filters that are left, [inputs] each */
    const float *time;     /* [filters][memory], the latest one last */
    const float *bias;     /* [filters / rank], or NULL */
    sx_limits_f32 limits;
    int32_t batch;         /* >= 1 */
    int32_t inputs;        /* >= 1 */
    int32_t filters;       /* a multiple of rank */
    int32_t memory;        /* >= 1 */
    int32_t rank;          /* >= 1 */
} sx_svdf_f32_params;

/**
 * One step of SVDF of float32.
 *
 *     next[f]  = the last memory - 1 elements of state[f], then features[f] x
 *     out[u]   = clamp(bias[u] + sum over the filters f of unit u and over m of next[f][m] * time[f][m])
 *
 * Unit u has the filters from u * rank on.
 *
 * @param rows     rows[0] is x [batch][inputs], rows[1] the state [batch][filters][memory]
 * @param out      [batch][filters / rank]
 * @param next     the next state [batch][filters][memory]
 * @param scratch  float32 [filters]
 *
 * No output may overlap an input.
 */
void sx_svdf_f32(const sx_svdf_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *next, int8_t *scratch);

#endif
