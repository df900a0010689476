/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pointwise_s8_mve.h"

#include "sx_pointwise_s8_mve_body.h"

void sx_pointwise_s8_mve_onnx(const sx_pointwise_s8_mve *p, const int8_t *const rows[], int8_t *out)
{
    sx_pointwise_s8_mve_body(p, rows, out, sx_outputs_s8_mve_onnx, sx_pixels_s8_mve_onnx);
}
