/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cmsis_softmax_s8.h"

void sx_cmsis_softmax_s8(const sx_cmsis_softmax_s8_params *p, const int8_t *const rows[], int8_t *out)
{
    arm_softmax_s8(rows[0], p->rows, p->depth, p->multiplier, p->shift, p->smallest_difference, out);
}
