/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_average_pooling2d_s8_mve.h"

#include "sx_average_pooling2d_s8_mve_body.h"

void sx_average_pooling2d_s8_mve_onnx(const sx_average_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_average_pooling2d_s8_mve_body(p, rows, out, sx_average_s8_onnx);
}
