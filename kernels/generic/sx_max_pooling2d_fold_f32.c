/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling2d_f32.h"

#include "sx_pooling2d_f32_body.h"

void sx_max_pooling2d_fold_f32(const sx_pooling2d_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_pooling2d_fold_f32_body(p, rows, out, scratch, SX_POOLING_F32_MAX);
}
