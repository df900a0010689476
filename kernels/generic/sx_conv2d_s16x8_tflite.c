/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_conv2d_s16x8_body.h"

void sx_conv2d_s16x8_tflite(const sx_conv2d_s16x8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_conv2d_s16x8_body(p, rows, out);
}
