/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv2d_s8.h"

#include "sx_conv2d_s8_body.h"

void sx_conv2d_s8_onnx(const sx_conv2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_conv2d_s8_body(p, rows, out, sx_requantize_s8_onnx, sx_dot_s8);
}
