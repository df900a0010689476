/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_curve_s16.h"
#include "sx_elements.h"

void sx_sigmoid_s16_tflite(const sx_curve_s16 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_sigmoid_s16 curve = p->curve;
    const sx_s16 *const x = (const sx_s16 *)(const void *)rows[0];
    sx_s16 *const y = (sx_s16 *)(void *)out;
    for (int32_t i = 0; i < p->size; ++i) {
        y[i] = (int16_t)sx_sigmoid_s16_of(&curve, x[i]);
    }
}
