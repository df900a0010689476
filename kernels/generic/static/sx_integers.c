/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_integers.h"

#include "sx_elements.h"

#define LOAD(type)                                                      \
    for (int32_t i = 0; i < count; ++i) {                               \
        values[i] = *(const type *)(const void *)x;                     \
        x += step_bytes;                                                \
    }

/** Bits of a float32 in the order of the numbers. */
static inline int64_t ordered(uint32_t bits)
{
    const uint32_t magnitude = bits & 0x7FFFFFFFu;
    return (magnitude > 0x7F800000u || magnitude == bits) ? (int64_t)magnitude : -(int64_t)magnitude;
}

void sx_load_integers(int64_t *values, const int8_t *x, int32_t step_bytes, int32_t dtype, int32_t count)
{
    if (dtype == SX_S32) {
        LOAD(sx_s32)
    } else if (dtype == SX_S64) {
        LOAD(sx_s64)
    } else if (dtype == SX_S8) {
        LOAD(int8_t)
    } else if (dtype == SX_S16) {
        LOAD(sx_s16)
    } else if (dtype == SX_U16) {
        LOAD(sx_u16)
    } else if (dtype == SX_U32) {
        LOAD(sx_u32)
    } else if (dtype == SX_U64) {
        for (int32_t i = 0; i < count; ++i) {
            values[i] = *(const sx_s64 *)(const void *)x ^ INT64_MIN;
            x += step_bytes;
        }
    } else if (dtype == SX_F32) {
        for (int32_t i = 0; i < count; ++i) {
            values[i] = ordered(*(const sx_u32 *)(const void *)x);
            x += step_bytes;
        }
    } else {
        LOAD(uint8_t)
    }
}

#define STORE(type)                                                     \
    for (int32_t i = 0; i < count; ++i) {                               \
        *(type *)(void *)out = (type)values[i];                         \
        out += sizeof(type);                                            \
    }

int8_t *sx_store_integers(int8_t *out, int32_t dtype, const int64_t *values, int32_t count)
{
    const int32_t bytes = sx_dtype_bytes(dtype);
    if (dtype == SX_BOOL) {
        for (int32_t i = 0; i < count; ++i) {
            *out++ = (values[i] != 0) ? 1 : 0;
        }
    } else if (dtype == SX_U64) {
        for (int32_t i = 0; i < count; ++i) {
            *(sx_s64 *)(void *)out = values[i] ^ INT64_MIN;
            out += bytes;
        }
    } else if (bytes == 4) {
        STORE(sx_u32)
    } else if (bytes == 8) {
        STORE(sx_s64)
    } else if (bytes == 2) {
        STORE(sx_u16)
    } else {
        STORE(uint8_t)
    }
    return out;
}

uint64_t sx_divide_u64(uint64_t a, uint64_t b)
{
    uint64_t quotient = 0u;
    uint64_t bit = 1u;
    if (b == 0u) {
        return 0u;
    }
    if (((a | b) >> 32) == 0u) {
        return (uint32_t)a / (uint32_t)b;
    }
    for (; b < a && (b >> 63) == 0u; b <<= 1) {
        bit <<= 1;
    }
    for (; bit != 0u; bit >>= 1) {
        if (a >= b) {
            a -= b;
            quotient |= bit;
        }
        b >>= 1;
    }
    return quotient;
}

int64_t sx_divide_s64(int64_t a, int64_t b)
{
    const uint64_t quotient = sx_divide_u64((a < 0) ? 0u - (uint64_t)a : (uint64_t)a, (b < 0) ? 0u - (uint64_t)b : (uint64_t)b);
    return (int64_t)(((a < 0) != (b < 0)) ? 0u - quotient : quotient);
}

#undef LOAD
#undef STORE
