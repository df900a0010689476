/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_extreme_s16_body.h"

void sx_minimum_s16_exact(const sx_extreme_s16 *p, const int8_t *const rows[], int8_t *out)
{
    sx_extreme_s16_body(p, rows, out, -1);
}
