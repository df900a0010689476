/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAX_POOLING2D_S8_MVE_H
#define SX_MAX_POOLING2D_S8_MVE_H

#include "sx_max_pooling2d_fold_s8.h"

/**
 * What sx_max_pooling2d_s8_exact and sx_max_pooling2d_fold_s8_exact compute, under the same conditions, 16 elements at a time;
 * of a pixel, up to 64 channels are written after their windows were read.
 */
void sx_max_pooling2d_s8_mve_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out);
void sx_max_pooling2d_fold_s8_mve_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                        int8_t *scratch);

#endif
