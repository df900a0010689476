/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_BINARY_S8_BODY_H
#define SX_BINARY_S8_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_add_s8.h"

/** The fixed-point form, from tables or weights; see sx_add_s8.h. */
static inline void sx_sum_s8_fixed_body(const sx_add_s8 *p, const int8_t *x, const int8_t *y, int8_t *out, bool by_table)
{
    const sx_add_s8 q = *p;
    for (int32_t i = 0; i < q.size; ++i) {
        const int32_t summand = by_table ? q.table[*x + 128] : q.offset + q.x_weight * *x;
        const int32_t value = (summand + q.y_weight * *y) >> SX_ADD_S8_FRACTION;
        *out++ = sx_offset_clamp_s8(value, 0, q.minimum, q.maximum);
        ++x;
        ++y;
    }
}

/** A sum or a difference in the fixed-point form. */
static inline void sx_sum_s8_fixed(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out)
{
    const int8_t *const x = rows[p->first];
    const int8_t *const y = rows[1 - p->first];
    if (p->table != NULL) {
        sx_sum_s8_fixed_body(p, x, y, out, true);
    } else {
        sx_sum_s8_fixed_body(p, x, y, out, false);
    }
}

/** (x - zero_point) with 20 more bits for the fraction, at the common scale of both operands. */
static inline int32_t sx_sum_s8_operand(int8_t x, int32_t zero_point, int32_t multiplier, int32_t shift)
{
    return sx_scale_tflite((x - zero_point) * (1 << 20), multiplier, shift);
}

/** a + b for `sign` 1, a - b for -1; see sx_add_s8.h. */
static inline void sx_sum_s8_tflite_body(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out, int32_t sign)
{
    const sx_add_s8 q = *p;
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    for (int32_t i = 0; i < q.size; ++i) {
        const int32_t left = sx_sum_s8_operand(*a++, q.a_zero_point, q.a_multiplier, q.a_shift);
        const int32_t right = sx_sum_s8_operand(*b++, q.b_zero_point, q.b_multiplier, q.b_shift);
        const int32_t value = sx_scale_tflite(left + sign * right, q.out_multiplier, q.out_shift);
        *out++ = sx_offset_clamp_s8(value, q.out_zero_point, q.minimum, q.maximum);
    }
}

/** The product by the tflite rule, of elements `first` to the last; see sx_mul_s8.h. */
static inline void sx_product_s8_body(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out, int32_t first)
{
    const sx_add_s8 q = *p;
    const int8_t *const a = rows[0];
    const int8_t *const b = rows[1];
    for (int32_t i = first; i < q.size; ++i) {
        const int32_t product = (a[i] - q.a_zero_point) * (b[i] - q.b_zero_point);
        const int32_t value = sx_scale_tflite(product, q.out_multiplier, q.out_shift);
        out[i] = sx_offset_clamp_s8(value, q.out_zero_point, q.minimum, q.maximum);
    }
}

/** Type of the float32 operations; kernels give one as a constant argument. */
typedef sx_float32 sx_f32_operation(sx_float32 a, sx_float32 b);

/** The real number that x stands for. */
static inline sx_float32 sx_binary_s8_real(int8_t x, int32_t zero_point, sx_float32 scale)
{
    return sx_f32_mul(sx_f32_from_i32(x - zero_point), scale);
}

/** operation(a, b); see sx_add_s8.h. */
static inline void sx_binary_s8_onnx_body(const sx_add_s8 *p, const int8_t *const rows[], int8_t *out,
                                          sx_f32_operation *operation)
{
    const sx_add_s8 q = *p;
    const sx_float32 a_scale = sx_f32_from_bits(q.a_multiplier);
    const sx_float32 b_scale = sx_f32_from_bits(q.b_multiplier);
    const sx_float32 out_scale = sx_f32_from_bits(q.out_multiplier);
    const int8_t *a = rows[0];
    const int8_t *b = rows[1];
    for (int32_t i = 0; i < q.size; ++i) {
        const sx_float32 left = sx_binary_s8_real(*a++, q.a_zero_point, a_scale);
        const sx_float32 right = sx_binary_s8_real(*b++, q.b_zero_point, b_scale);
        const int32_t value = sx_f32_to_i32(sx_f32_div(operation(left, right), out_scale));
        *out++ = sx_offset_clamp_s8(value, q.out_zero_point, q.minimum, q.maximum);
    }
}

#endif
