/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_quantize_f32_body.h"

void sx_quantize_f32_s16_tflite(const sx_quantize_f32 *p, const int8_t *const rows[], int8_t *out)
{
    SX_QUANTIZE_F32(sx_s16, INT16_MIN, INT16_MAX, false)
}
