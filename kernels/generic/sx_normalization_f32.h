/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_NORMALIZATION_F32_H
#define SX_NORMALIZATION_F32_H

#include <stdint.h>

/** Parameters of normalisation over the last dimension of float32. */
typedef struct {
    const float *scale; /* [depth], or NULL; of layer normalisation */
    const float *shift; /* [depth], or NULL; of layer normalisation */
    float epsilon;
    int32_t rows;       /* >= 1 */
    int32_t depth;      /* >= 1 */
    int32_t centred;    /* 1: the mean is subtracted; of layer normalisation */
} sx_normalization_f32_params;

/**
 * Over each row of `depth` elements:
 *
 *     l2_normalization     out[i] = x[i] / sqrt(max(sum over j of x[j]^2, epsilon))
 *     layer_normalization  out[i] = (x[i] - m) / sqrt(mean over j of (x[j] - m)^2 + epsilon) * scale[i] + shift[i]
 *
 * where m is the mean of x, or 0 where it is not centred. Sums go through the row once more after the mean is known.
 *
 * @param rows  rows[0] is x, [rows][depth]
 * @param out   [rows][depth], may be x: elements are written in ascending order, each after it was read for the last time
 */
void sx_l2_normalization_f32(const sx_normalization_f32_params *p, const int8_t *const rows[], int8_t *out);
void sx_layer_normalization_f32(const sx_normalization_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
