/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_cast.h"

#include "sx_elements.h"
#include "sx_math_f32.h"

/** The nearest float32 to an integer, or to one less 2^63: of the 64 bits the upper 32, the lowest of which says whether anything was lost below. */
static inline float float_of(int64_t value, bool is_biased)
{
    if (!is_biased && value >= INT32_MIN && value <= INT32_MAX) {
        return (float)(int32_t)value;
    }
    const bool is_negative = !is_biased && value < 0;
    const uint64_t stored = is_biased ? (uint64_t)value ^ (UINT64_C(1) << 63) : (uint64_t)value;
    const uint64_t magnitude = is_negative ? 0u - stored : stored;
    const uint32_t upper = (uint32_t)(magnitude >> 32);
    const int32_t shift = (upper == 0u) ? 0 : 32 - sx_leading_zeros(upper);
    const uint32_t lost = (magnitude & ((UINT64_C(1) << shift) - 1u)) != 0u ? 1u : 0u;
    const float scaled = (float)((uint32_t)(magnitude >> shift) | lost) * sx_of_bits((uint32_t)(127 + shift) << 23);
    return is_negative ? -scaled : scaled;
}

void sx_cast_to_f32(const sx_cast_params *p, const int8_t *const rows[], int8_t *out)
{
    const int32_t step = sx_dtype_bytes(p->from);
    const int8_t *x = rows[0];
    sx_f32 *y = (sx_f32 *)(void *)out;
    int64_t values[SX_INTEGERS];
    for (int32_t left = p->size; left > 0; left -= SX_INTEGERS) {
        const int32_t count = (left < SX_INTEGERS) ? left : SX_INTEGERS;
        sx_load_integers(values, x, step, p->from, count);
        for (int32_t i = 0; i < count; ++i) {
            *y++ = float_of(values[i], p->from == SX_U64);
        }
        x += SX_INTEGERS * step;
    }
}

/** Rounded toward 0; NaN is 0. */
static inline int64_t integer_of(float x)
{
    if (sx_is_nan(x)) {
        return 0;
    }
    if (sx_fabsf(x) < 0x1p31f) {
        return (int32_t)x;
    }
    if (!(sx_fabsf(x) < 0x1p63f)) {
        return (x < 0.0f) ? INT64_MIN : INT64_MAX;
    }
    int32_t exponent = 0;
    const uint64_t magnitude = (uint64_t)sx_significand(x, &exponent) << (exponent - 150);
    return (x < 0.0f) ? -(int64_t)magnitude : (int64_t)magnitude;
}

void sx_cast_from_f32(const sx_cast_params *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    const int32_t is_bool = p->to == SX_BOOL;
    int64_t values[SX_INTEGERS];
    for (int32_t left = p->size; left > 0; left -= SX_INTEGERS) {
        const int32_t count = (left < SX_INTEGERS) ? left : SX_INTEGERS;
        for (int32_t i = 0; i < count; ++i) {
            values[i] = is_bool ? (*x != 0.0f) : integer_of(*x);
            ++x;
        }
        out = sx_store_integers(out, p->to, values, count);
    }
}
