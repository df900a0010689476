/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cmsis_add_s8.h"

void sx_cmsis_add_s8(const sx_cmsis_add_s8_params *p, const int8_t *const rows[], int8_t *out)
{
    (void)arm_elementwise_add_s8(rows[0], rows[1], p->a.offset, p->a.multiplier, p->a.shift, p->b.offset,
                                 p->b.multiplier, p->b.shift, p->left_shift, out, p->output.offset,
                                 p->output.multiplier, p->output.shift, p->activation.min, p->activation.max, p->size);
}
