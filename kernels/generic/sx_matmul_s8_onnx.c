/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_matmul_s8_body.h"

void sx_matmul_s8_onnx(const sx_matmul_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_matmul_s8_body(p, rows, out, sx_requantize_s8_onnx);
}
