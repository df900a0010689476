/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv3d_s16x8.h"

#include "sx_conv2d_s16x8_body.h"

static void sx_conv3d_s16x8_tflite_row(const void *p, const int8_t *const rows[], int8_t *out)
{
    sx_conv2d_s16x8_body(p, rows, out);
}

void sx_conv3d_s16x8_tflite(const sx_conv3d_s16x8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_volume_rows(&p->volume, &p->row, rows[0], out, scratch, sx_conv3d_s16x8_tflite_row);
}
