/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_binary_f32.h"

#include "sx_elements.h"
#include "sx_math_f32.h"

/* A kernel: the walk around a loop over runs of elements a and b, which `loops` says. */
#define OF_PAIRS(name, type, loops)                                                                        \
    void sx_##name##_f32(const sx_binary_f32_params *p, const int8_t *const rows[], int8_t *out)           \
    {                                                                                                      \
        const int32_t run = sx_walk_run(&p->walk);                                                         \
        const int32_t step_a = sx_walk_step(&p->walk, 0);                                                  \
        const int32_t step_b = sx_walk_step(&p->walk, 1);                                                  \
        const sx_limits_f32 limits = p->limits;                                                            \
        int32_t index[SX_MAX_RANK] = {0};                                                                  \
        int32_t places[2] = {0, 0};                                                                        \
        type *result = (type *)(void *)out;                                                                \
        (void)limits;                                                                                      \
        do {                                                                                               \
            const sx_f32 *left = (const sx_f32 *)(const void *)rows[0] + places[0];                        \
            const sx_f32 *right = (const sx_f32 *)(const void *)rows[1] + places[1];                       \
            type *const end = result + run;                                                                \
            loops                                                                                          \
        } while (sx_walk_next(&p->walk, 2, index, places));                                                \
    }

#define LOOP(one, other, expression)                                                                       \
    while (result != end) {                                                                                \
        const float a = *left;                                                                             \
        const float b = *right;                                                                            \
        left += one;                                                                                       \
        right += other;                                                                                    \
        *result++ = expression;                                                                            \
    }

/* What is used most gets a loop of its own for operands that both go on. */
#define QUICK(name, expression)                                                                            \
    OF_PAIRS(name, sx_f32, if (step_a == 1 && step_b == 1) { LOOP(1, 1, expression) } else {               \
        LOOP(step_a, step_b, expression) })
#define F32(name, expression) OF_PAIRS(name, sx_f32, LOOP(step_a, step_b, expression))
#define TEST(name, expression) OF_PAIRS(name, uint8_t, LOOP(step_a, step_b, expression))

/** The remainder with the sign of the divisor. */
static inline float modulo_f32(float a, float b)
{
    const float rest = sx_fmodf(a, b);
    if (rest == 0.0f) {
        return sx_copysignf(rest, b);
    }
    return ((rest < 0.0f) != (b < 0.0f)) ? rest + b : rest;
}

/** floor(a / b): what is left when the remainder is taken away divides, up to rounding. */
static inline float floor_quotient_f32(float a, float b)
{
    if (b == 0.0f || !(sx_fabsf(a) < sx_infinity())) {
        return sx_is_nan(a / b) ? sx_nan() : a / b;
    }
    return sx_rintf((a - modulo_f32(a, b)) / b);
}

QUICK(add, a + b)
QUICK(sub, a - b)
QUICK(mul, a * b)
F32(div, a / b)
F32(add_clamp, sx_clamp_f32(a + b, &limits))
F32(sub_clamp, sx_clamp_f32(a - b, &limits))
F32(mul_clamp, sx_clamp_f32(a * b, &limits))
F32(div_clamp, sx_clamp_f32(a / b, &limits))
F32(minimum, (a < b || sx_is_nan(a)) ? a : b)
F32(maximum, (a > b || sx_is_nan(a)) ? a : b)
F32(squared_difference, (a - b) * (a - b))
F32(prelu, (a < 0.0f) ? a * b : a)
F32(pow, sx_powf(a, b))
F32(mod, modulo_f32(a, b))
F32(mod_truncated, sx_fmodf(a, b))
F32(floor_div, floor_quotient_f32(a, b))
F32(atan2, sx_atan2f(a, b))
TEST(equal, a == b)
TEST(not_equal, a != b)
TEST(greater, a > b)
TEST(greater_equal, a >= b)
TEST(less, a < b)
TEST(less_equal, a <= b)

#undef OF_PAIRS
#undef LOOP
#undef QUICK
#undef F32
#undef TEST
