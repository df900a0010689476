/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_port.h"
#include "sx_put_column_s8_dsp_body.h"

SX_SMALL void sx_put_column_onnx(const sx_requantize_s8_dsp *q, const int8_t *x, int32_t bytes, const int32_t *w, const int32_t *bias,
                        int32_t channel, int32_t end, int8_t *out)
{
    sx_put_column_body(q, x, bytes, w, bias, channel, end, out, SX_RULE_ONNX);
}
