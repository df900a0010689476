/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_quantize_f32_body.h"

void sx_dequantize_f32_u8(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out)
{
    SX_DEQUANTIZE_F32(uint8_t)
}
