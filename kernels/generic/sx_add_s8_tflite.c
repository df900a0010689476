/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_add_s8.h"

/** (x - zero_point) with 20 more bits for the fraction, at the common scale of both operands. */
static inline int32_t operand(int8_t x, int32_t zero_point, int32_t multiplier, int32_t shift)
{
    return sx_scale_tflite((x - zero_point) * (1 << 20), multiplier, shift);
}

void sx_add_s8_tflite(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_add_s8 q = *p;
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    for (int32_t i = 0; i < q.size; ++i) {
        const int32_t sum = operand(*a++, q.a_zero_point, q.a_multiplier, q.a_shift)
                            + operand(*b++, q.b_zero_point, q.b_multiplier, q.b_shift);
        const int32_t value = sx_scale_tflite(sum, q.out_multiplier, q.out_shift);
        *out++ = sx_offset_clamp_s8(value, q.out_zero_point, q.minimum, q.maximum);
    }
}
