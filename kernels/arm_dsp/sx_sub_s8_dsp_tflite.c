/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_sum_s8_dsp.h"

#include "sx_binary_s8_body.h"
#include "sx_port.h"
#include "sx_sum_s8_dsp_body.h"

static SX_RARE void sx_sub_s8_dsp_tflite_exact(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_sum_s8_tflite_body(p, rows, out, -1);
}

void sx_sub_s8_dsp_tflite(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_sum_s8_dsp_body(p, rows, out, sx_sub_s8_dsp_tflite_exact);
}
