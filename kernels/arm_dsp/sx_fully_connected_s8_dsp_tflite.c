/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_fully_connected_s8_dsp.h"

#include "sx_dot_s8_dsp.h"
#include "sx_fully_connected_s8_body.h"

void sx_fully_connected_s8_dsp_tflite(const sx_fully_connected_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_fully_connected_s8_body(p, rows, out, sx_requantize_s8_tflite, sx_dot_s8_dsp);
}
