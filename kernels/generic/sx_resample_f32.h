/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RESAMPLE_F32_H
#define SX_RESAMPLE_F32_H

#include <stdint.h>

#include "sx_walk.h"

/** Parameters of a weighted resampling along several dimensions. */
typedef struct {
    const int32_t *dims;   /* [rank] of the output, outermost first, in blocks */
    const int32_t *taps;   /* [rank], how many input elements an output element has along a dimension */
    const int32_t *places; /* for each dimension [dims[axis]][taps[axis]]: where these are in the input, in elements */
    const float *weights;  /* the same: their weights. The first one of an output element is NaN where it is `outside` */
    float outside;         /* the value of elements that the input does not reach */
    int32_t rank;          /* 1..SX_MAX_RANK */
    int32_t block;         /* elements side by side that have the same weights: what lies behind the last dimension */
} sx_resample_f32_params;

/**
 * Each output element is the sum, over all combinations of one tap per dimension, of the product of their weights times the input
 * element at the sum of their places.
 *
 * @param rows  rows[0] is the input, float32
 * @param out   the output, float32; must not overlap the input
 */
void sx_resample_f32(const sx_resample_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
