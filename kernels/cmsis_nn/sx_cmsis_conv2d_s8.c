/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cmsis_conv2d_s8.h"
#include "sx_cmsis_conv2d_s8_body.h"

void sx_cmsis_conv2d_s8(const sx_cmsis_conv2d_s8_params *p, const int8_t *const rows[], int8_t *out, int8_t *scratch)
{
    sx_cmsis_conv2d_s8_body(p, rows, out, scratch);
}
