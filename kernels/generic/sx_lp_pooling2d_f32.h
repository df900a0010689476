/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LP_POOLING2D_F32_H
#define SX_LP_POOLING2D_F32_H

#include <stdint.h>

#include "sx_pooling2d_f32.h"

/** Parameters of one pooling by a p-norm. */
typedef struct {
    sx_pooling2d_f32_params window; /* without its divisor */
    int32_t power;                  /* p, >= 1 */
} sx_lp_pooling2d_f32_params;

/**
 * One output row of a 2-D pooling of float32 by a p-norm: (sum of |x|^p over the window)^(1 / p). Otherwise as the poolings of
 * sx_pooling2d_f32.h; the norm of no element is 0.
 */
void sx_lp_pooling2d_f32(const sx_lp_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
