/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_mul_s8.h"

#include "sx_binary_s8_body.h"

void sx_mul_s8_tflite(const sx_mul_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_product_s8_body(p, rows, out, 0);
}
