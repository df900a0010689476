/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling3d_s8.h"

#include "sx_max_pooling2d_s8_body.h"

static void sx_max_pooling3d_s8_exact_row(const void *p, const int8_t *const rows[], int8_t *out)
{
    sx_max_pooling2d_s8_body(p, rows, out);
}

void sx_max_pooling3d_s8_exact(const sx_max_pooling3d_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_volume_rows(&p->volume, &p->row, rows[0], out, scratch, sx_max_pooling3d_s8_exact_row);
}
