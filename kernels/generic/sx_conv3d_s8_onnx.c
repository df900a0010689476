/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv3d_s8.h"

#include "sx_conv2d_s8_blocks.h"

static void sx_conv3d_s8_onnx_row(const void *p, const int8_t *const rows[], int8_t *out)
{
    sx_conv2d_s8_blocks(p, rows, out, sx_store_s8_onnx);
}

void sx_conv3d_s8_onnx(const sx_conv3d_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_volume_rows(&p->volume, &p->row, rows[0], out, scratch, sx_conv3d_s8_onnx_row);
}
