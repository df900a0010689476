/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_unary_integer.h"

/* A kernel: an expression of the element x. */
#define INTEGER(name, expression)                                                                          \
    void sx_##name##_integer(const sx_unary_integer_params *p, const int8_t *const rows[], int8_t *out)    \
    {                                                                                                      \
        const int32_t dtype = p->dtype;                                                                    \
        const int32_t bytes = sx_dtype_bytes(dtype);                                                       \
        const int64_t low = p->low;                                                                        \
        const int64_t high = p->high;                                                                      \
        const int8_t *source = rows[0];                                                                    \
        int64_t values[SX_INTEGERS];                                                                       \
        (void)low;                                                                                         \
        (void)high;                                                                                        \
        for (int32_t left = p->size; left > 0; left -= SX_INTEGERS) {                                      \
            const int32_t count = (left < SX_INTEGERS) ? left : SX_INTEGERS;                               \
            sx_load_integers(values, source, bytes, dtype, count);                                         \
            source += SX_INTEGERS * bytes;                                                                 \
            for (int32_t i = 0; i < count; ++i) {                                                          \
                const int64_t x = values[i];                                                               \
                values[i] = expression;                                                                    \
            }                                                                                              \
            out = sx_store_integers(out, dtype, values, count);                                            \
        }                                                                                                  \
    }

INTEGER(relu, (x < 0) ? 0 : x)
INTEGER(clip, (x < low) ? low : (x > high) ? high : x)
INTEGER(square, sx_mul_s64(x, x))
INTEGER(abs, (x < 0) ? sx_sub_s64(0, x) : x)
INTEGER(neg, sx_sub_s64(0, x))
INTEGER(sign, (x > 0) ? 1 : (x < 0) ? -1 : 0)
INTEGER(not, (x == 0) ? 1 : 0)
INTEGER(bitwise_not, ~x)

#undef INTEGER
