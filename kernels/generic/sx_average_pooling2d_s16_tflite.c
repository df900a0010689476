/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_pooling2d_s16_body.h"

void sx_average_pooling2d_s16_tflite(const sx_pooling2d_s16 *p, const int8_t *const rows[], int8_t *out)
{
    sx_pooling2d_s16_body(p, rows, out, true);
}
