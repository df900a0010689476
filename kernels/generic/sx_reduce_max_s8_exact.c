/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_reduce_s8_body.h"

void sx_reduce_max_s8_exact(const sx_reduce_extreme_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_reduce_extreme_s8_body(p, rows, out, sx_reduce_join_max);
}
