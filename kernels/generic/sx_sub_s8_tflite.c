/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_sub_s8.h"

#include "sx_binary_s8_body.h"

void sx_sub_s8_tflite(const sx_sub_s8 *p, const int8_t *const rows[], int8_t *out)
{
    if (p->is_fixed != 0) {
        sx_sum_s8_fixed(p, rows, out);
    } else {
        sx_sum_s8_tflite_body(p, rows, out, -1);
    }
}
