/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_max_pooling2d_s8_body.h"

void sx_max_pooling2d_s8_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_max_pooling2d_s8_body(p, rows, out);
}
