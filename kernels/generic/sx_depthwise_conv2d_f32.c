/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_depthwise_conv2d_f32.h"

#include "sx_depthwise_conv2d_f32_body.h"

void sx_depthwise_conv2d_f32(const sx_depthwise_conv2d_f32_params *p, const int8_t *const rows[], int8_t *out)
{
    sx_depthwise_conv2d_f32_body(p, rows, out);
}
