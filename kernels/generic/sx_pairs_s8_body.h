/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PAIRS_S8_BODY_H
#define SX_PAIRS_S8_BODY_H

#include "sx_binary_s8_body.h"
#include "sx_pairs_s8.h"

/** The result of two elements before its zero point is added; kernels give one as a constant argument. */
typedef int32_t sx_pair_s8(const sx_add_s8 *q, int8_t a, int8_t b);

/** All pairs; see sx_pairs_s8.h. */
static inline void sx_pairs_s8_body(const sx_pairs_s8 *p, const int8_t *const rows[], int8_t *out, sx_pair_s8 *pair)
{
    const sx_add_s8 q = p->scales;
    const int32_t count = p->over.dims[SX_BROADCAST_RANK - 1];
    const int32_t a_step = p->over.a_steps[SX_BROADCAST_RANK - 1];
    const int32_t b_step = p->over.b_steps[SX_BROADCAST_RANK - 1];
    sx_broadcast_run run = sx_broadcast_first(rows);
    do {
        const int8_t *a = run.a;
        const int8_t *b = run.b;
        for (int32_t i = 0; i < count; ++i) {
            *out++ = sx_offset_clamp_s8(pair(&q, *a, *b), q.out_zero_point, q.minimum, q.maximum);
            a += a_step;
            b += b_step;
        }
    } while (sx_broadcast_next(&p->over, &run));
}

/** A sum or difference in the fixed-point form without a table, whose offset includes the zero point. */
static inline int32_t sx_pair_s8_fixed(const sx_add_s8 *q, int8_t a, int8_t b)
{
    return ((q->offset + q->x_weight * a + q->y_weight * b) >> SX_ADD_S8_FRACTION) - q->out_zero_point;
}

/** An operand with `fraction` more bits, by its factor. */
static inline int32_t sx_pair_s8_scaled(int8_t x, int32_t fraction, int32_t zero_point, int32_t multiplier,
                                        int32_t shift)
{
    return sx_scale_tflite((x - zero_point) * (1 << fraction), multiplier, shift);
}

/** The float32 operation of the real operands by the onnx rule. */
static inline int32_t sx_pair_s8_float(const sx_add_s8 *q, int8_t a, int8_t b, sx_f32_operation *operation)
{
    const sx_float32 left = sx_binary_s8_real(a, q->a_zero_point, sx_f32_from_bits(q->a_multiplier));
    const sx_float32 right = sx_binary_s8_real(b, q->b_zero_point, sx_f32_from_bits(q->b_multiplier));
    return sx_f32_to_i32(sx_f32_div(operation(left, right), sx_f32_from_bits(q->out_multiplier)));
}

#endif
