/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv2d_s8_mve.h"

#include "sx_conv2d_s8_mve_body.h"

void sx_conv2d_s8_mve_onnx(const sx_conv2d_s8_mve *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_conv2d_s8_mve_body(p, rows, out, scratch, sx_outputs_s8_mve_onnx, sx_pixels_s8_mve_onnx);
}
