/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling3d_s16.h"

#include "sx_pooling2d_s16_body.h"

static void sx_average_pooling3d_s16_tflite_row(const void *p, const int8_t *const rows[], int8_t *out)
{
    sx_pooling2d_s16_body(p, rows, out, true);
}

void sx_average_pooling3d_s16_tflite(const sx_pooling3d_s16 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_volume_rows(&p->volume, &p->row, rows[0], out, scratch, sx_average_pooling3d_s16_tflite_row);
}
