/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_QUANTIZE_F32_BODY_H
#define SX_QUANTIZE_F32_BODY_H

#include <stdbool.h>

#include "sx_elements.h"
#include "sx_quantize_f32.h"

/* The nearest integer of a number within +-2^23: what is cut off is exact, so halves are told from what is near them. */
static inline int32_t sx_round_to_s32(float x, bool is_half_to_even)
{
    const int32_t whole = (int32_t)x;
    const float rest = x - (float)whole;
    const float distance = (rest < 0.0f) ? -rest : rest;
    const bool is_away = is_half_to_even && (whole & 1) == 0 ? distance > 0.5f : distance >= 0.5f;
    return !is_away ? whole : (x < 0.0f) ? whole - 1 : whole + 1;
}

/* One quantised value. Clamped before it is rounded, as an integer has no room for large floats. */
static inline int32_t sx_quantize_value(float x, float scale, int32_t zero_point, int32_t minimum, int32_t maximum,
                                        bool is_half_to_even)
{
    const float steps = x / scale;
    const float lowest = (float)(minimum - zero_point);
    const float highest = (float)(maximum - zero_point);
    /* Not `steps < lowest`: what is no number is the lowest value. */
    const float least = (steps > lowest) ? steps : lowest;
    return sx_round_to_s32((least < highest) ? least : highest, is_half_to_even) + zero_point;
}

/* The loop of every kernel of the family: `type` is that of the output's elements. */
#define SX_QUANTIZE_F32(type, minimum, maximum, is_half_to_even)                                                        \
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];                                                            \
    type *y = (type *)(void *)out;                                                                                      \
    const type *const end = y + p->size;                                                                                \
    for (int32_t channel = 0; y != end; channel = (channel + 1 < p->channels) ? channel + 1 : 0) {                      \
        const float scale = p->scales[channel];                                                                         \
        const int32_t zero_point = p->zero_points[channel];                                                             \
        const type *const last = y + p->inner;                                                                          \
        while (y != last) {                                                                                             \
            *y++ = (type)sx_quantize_value(*x++, scale, zero_point, minimum, maximum, is_half_to_even);                 \
        }                                                                                                               \
    }

/* The same for the way back: `type` is that of the input's elements. */
#define SX_DEQUANTIZE_F32(type)                                                                                         \
    const type *q = (const type *)(const void *)rows[0];                                                                \
    sx_f32 *y = (sx_f32 *)(void *)out;                                                                                  \
    const sx_f32 *const end = y + p->size;                                                                              \
    for (int32_t channel = 0; y != end; channel = (channel + 1 < p->channels) ? channel + 1 : 0) {                      \
        const float scale = p->scales[channel];                                                                         \
        const int32_t zero_point = p->zero_points[channel];                                                             \
        const sx_f32 *const last = y + p->inner;                                                                        \
        while (y != last) {                                                                                             \
            *y++ = (float)(*q++ - zero_point) * scale;                                                                  \
        }                                                                                                               \
    }

#endif
