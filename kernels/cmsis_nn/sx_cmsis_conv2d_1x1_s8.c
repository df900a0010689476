/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cmsis_conv2d_s8.h"
#include "sx_cmsis_conv2d_s8_body.h"

void sx_cmsis_conv2d_1x1_s8(const sx_cmsis_conv2d_s8_params *p, const int8_t *const rows[], int8_t *out)
{
    sx_cmsis_conv2d_s8_body(p, rows, out, NULL);
}
