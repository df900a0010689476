/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_transposed_conv2d_s8_body.h"

void sx_transposed_conv2d_s8_onnx(const sx_transposed_conv2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_transposed_conv2d_s8_body(p, rows, out, sx_store_s8_onnx);
}
