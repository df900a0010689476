/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_port.h"
#include "sx_conv2d_packed_s8.h"

#include "sx_conv2d_packed_s8_body.h"

SX_SMALL void sx_conv2d_packed_s8_onnx(const sx_conv2d_packed_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_conv2d_packed_s8_body(p, rows, out, (uint32_t *)(void *)scratch, SX_RULE_ONNX);
}
