/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_port.h"
#include "sx_depthwise_conv2d_3x3_s8_dsp.h"

#include "sx_depthwise_conv2d_3x3_s8_dsp_body.h"

SX_SMALL void sx_depthwise_conv2d_3x3_s8_dsp_tflite(const sx_depthwise_conv2d_3x3_s8_dsp *p, const int8_t *const rows[], int8_t *out,
                                           int8_t *scratch)
{
    sx_depthwise_conv2d_3x3_s8_dsp_body(p, rows, out, scratch, SX_RULE_TFLITE);
}
