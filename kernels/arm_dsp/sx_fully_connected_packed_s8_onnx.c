/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_port.h"
#include "sx_fully_connected_packed_s8.h"

#include "sx_fully_connected_packed_s8_body.h"

SX_SMALL void sx_fully_connected_packed_s8_onnx(const sx_fully_connected_packed_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_fully_connected_packed_s8_body(p, rows, out, SX_RULE_ONNX);
}
