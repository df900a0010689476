/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling3d_s8.h"

#include "sx_average_pooling2d_s8_body.h"

static void sx_average_pooling3d_s8_tflite_row(const void *p, const int8_t *const rows[], int8_t *out)
{
    sx_average_pooling2d_s8_body(p, rows, out, sx_average_s8_tflite, sx_average_pooling2d_s8_pixel);
}

void sx_average_pooling3d_s8_tflite(const sx_average_pooling3d_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_volume_rows(&p->volume, &p->row, rows[0], out, scratch, sx_average_pooling3d_s8_tflite_row);
}
