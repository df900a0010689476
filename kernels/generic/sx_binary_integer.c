/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_binary_integer.h"

/* A kernel: an expression of the elements a and b. */
#define PAIRS(name, expression)                                                                            \
    void sx_##name(const sx_binary_integer_params *p, const int8_t *const rows[], int8_t *out)             \
    {                                                                                                      \
        int64_t left[SX_INTEGERS];                                                                         \
        int64_t right[SX_INTEGERS];                                                                        \
        int32_t index[SX_MAX_RANK] = {0};                                                                  \
        int32_t places[2] = {0, 0};                                                                        \
        do {                                                                                               \
            for (int32_t from = 0; from < sx_walk_run(&p->walk); from += SX_INTEGERS) {                    \
                const int32_t count = load_pairs(p, rows, places, from, left, right);                      \
                for (int32_t i = 0; i < count; ++i) {                                                      \
                    const int64_t a = left[i];                                                             \
                    const int64_t b = right[i];                                                            \
                    left[i] = expression;                                                                  \
                }                                                                                          \
                out = sx_store_integers(out, p->out_dtype, left, count);                                   \
            }                                                                                              \
        } while (sx_walk_next(&p->walk, 2, index, places));                                                \
    }

#define INTEGER(name, expression) PAIRS(name##_integer, expression)
#define UINT64(name, expression) PAIRS(name##_uint64, expression)

/** Load the next elements of a run from element `from` on; gives their number. */
static inline int32_t load_pairs(const sx_binary_integer_params *p, const int8_t *const rows[], const int32_t *places,
                                 int32_t from, int64_t *left, int64_t *right)
{
    const int32_t run = sx_walk_run(&p->walk);
    const int32_t count = (run - from < SX_INTEGERS) ? run - from : SX_INTEGERS;
    const int32_t step_a = sx_walk_step(&p->walk, 0);
    const int32_t step_b = sx_walk_step(&p->walk, 1);
    sx_load_integers(left, rows[0] + places[0] + from * step_a, step_a, p->dtype, count);
    sx_load_integers(right, rows[1] + places[1] + from * step_b, step_b, p->dtype, count);
    return count;
}

static inline int64_t clamped_s64(int64_t value, const sx_binary_integer_params *p)
{
    return (value < p->minimum) ? p->minimum : (value > p->maximum) ? p->maximum : value;
}

static inline uint64_t remainder_u64(uint64_t a, uint64_t b)
{
    return (b == 0u) ? 0u : a - sx_divide_u64(a, b) * b;
}

static inline int64_t remainder_s64(int64_t a, int64_t b)
{
    return (b == 0) ? 0 : sx_sub_s64(a, sx_mul_s64(sx_divide_s64(a, b), b));
}

/** The remainder with the sign of b. */
static inline int64_t floor_remainder_s64(int64_t a, int64_t b)
{
    const int64_t rest = remainder_s64(a, b);
    return (rest != 0 && (rest < 0) != (b < 0)) ? rest + b : rest;
}

static inline int64_t floor_quotient_s64(int64_t a, int64_t b)
{
    const int64_t rest = remainder_s64(a, b);
    return sx_divide_s64(a, b) - ((rest != 0 && (rest < 0) != (b < 0)) ? 1 : 0);
}

/** By squares. */
static inline int64_t power_s64(int64_t a, int64_t b)
{
    int64_t result = 1;
    if (b < 0) {
        return (a == 1) ? 1 : (a == -1) ? 1 - 2 * (b & 1) : 0;
    }
    for (; b != 0; b >>= 1) {
        if ((b & 1) != 0) {
            result = sx_mul_s64(result, a);
        }
        a = sx_mul_s64(a, a);
    }
    return result;
}

INTEGER(add, sx_add_s64(a, b))
INTEGER(sub, sx_sub_s64(a, b))
INTEGER(mul, sx_mul_s64(a, b))
INTEGER(div, sx_divide_s64(a, b))
INTEGER(floor_div, floor_quotient_s64(a, b))
INTEGER(mod, floor_remainder_s64(a, b))
INTEGER(mod_truncated, remainder_s64(a, b))
INTEGER(add_clamp, clamped_s64(sx_add_s64(a, b), p))
INTEGER(sub_clamp, clamped_s64(sx_sub_s64(a, b), p))
INTEGER(mul_clamp, clamped_s64(sx_mul_s64(a, b), p))
INTEGER(div_clamp, clamped_s64(sx_divide_s64(a, b), p))
INTEGER(pow, power_s64(a, b))
INTEGER(minimum, (a < b) ? a : b)
INTEGER(maximum, (a > b) ? a : b)
INTEGER(squared_difference, sx_mul_s64(sx_sub_s64(a, b), sx_sub_s64(a, b)))
INTEGER(prelu, (a < 0) ? sx_mul_s64(a, b) : a)
INTEGER(equal, a == b)
INTEGER(not_equal, a != b)
INTEGER(greater, a > b)
INTEGER(greater_equal, a >= b)
INTEGER(less, a < b)
INTEGER(less_equal, a <= b)
INTEGER(and, a & b)
INTEGER(or, a | b)
INTEGER(xor, a ^ b)
INTEGER(shift_left, ((uint64_t)b > 63u) ? 0 : (int64_t)((uint64_t)a << (b & 63)))
INTEGER(shift_right, a >> (((uint64_t)b > 63u) ? 63 : (b & 63)))
UINT64(div, (int64_t)sx_divide_u64((uint64_t)a, (uint64_t)b))
UINT64(mod, (int64_t)remainder_u64((uint64_t)a, (uint64_t)b))
UINT64(shift_right, ((uint64_t)b > 63u) ? 0 : (int64_t)((uint64_t)a >> (b & 63)))

#undef PAIRS
#undef INTEGER
#undef UINT64
