/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling2d_f32_body.h"
#include "sx_pooling3d_f32.h"

static void sx_average_pooling3d_f32_row(const void *p, const int8_t *const rows[], int8_t *out)
{
    sx_pooling2d_f32_body(p, rows, out, SX_POOLING_F32_AVERAGE);
}

void sx_average_pooling3d_f32(const sx_pooling3d_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_volume_rows(&p->volume, &p->row, rows[0], out, scratch, sx_average_pooling3d_f32_row);
}
