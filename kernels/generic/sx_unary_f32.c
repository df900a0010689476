/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_unary_f32.h"

#include "sx_elements.h"
#include "sx_math_f32.h"

/* A kernel: the loop around an expression of the element x, and of alpha and beta where it has them. */
#define OF_EACH(name, type, expression)                                                                    \
    void sx_##name##_f32(const sx_unary_f32_params *p, const int8_t *const rows[], int8_t *out)            \
    {                                                                                                      \
        const sx_f32 *element = (const sx_f32 *)(const void *)rows[0];                                     \
        const sx_f32 *const end = element + p->size;                                                       \
        const float alpha = p->alpha;                                                                      \
        const float beta = p->beta;                                                                        \
        type *result = (type *)(void *)out;                                                                \
        (void)alpha;                                                                                       \
        (void)beta;                                                                                        \
        while (element != end) {                                                                           \
            const float x = *element++;                                                                    \
            *result++ = expression;                                                                        \
        }                                                                                                  \
    }

#define F32(name, expression) OF_EACH(name, sx_f32, expression)
#define TEST(name, expression) OF_EACH(name, uint8_t, expression)

/* NaN stays NaN. */
static inline float clipped(float x, float low, float high)
{
    const float raised = (x < low) ? low : x;
    return (raised > high) ? high : raised;
}

/* An expression that tends to NaN at -infinity, where the function tends to 0. */
static inline float mish(float x)
{
    const float e = sx_expf(x);
    const float n = e * (e + 2.0f);
    return (x > 20.0f) ? x : (x < -104.0f) ? -0.0f : x * (n / (n + 2.0f));
}

static inline float shrunk(float x, float threshold, float bias)
{
    return (x < -threshold) ? x + bias : (x > threshold) ? x - bias : 0.0f;
}

/* 0 times infinity is no number; the limits are. */
static inline float swish(float x, float gate)
{
    return (gate == 0.0f) ? gate : x * gate;
}

F32(relu, (x < 0.0f) ? 0.0f : x)
F32(relu6, clipped(x, 0.0f, 6.0f))
F32(clip, clipped(x, alpha, beta))
F32(leaky_relu, (x < 0.0f) ? alpha * x : x)
F32(thresholded_relu, (x > alpha) ? x : 0.0f)
F32(elu, (x < 0.0f) ? alpha * sx_expm1f(x) : x)
F32(selu, beta * ((x <= 0.0f) ? alpha * sx_expm1f(x) : x))
F32(celu, (x < 0.0f) ? alpha * sx_expm1f(x / alpha) : x)
F32(gelu, swish(x, 0.5f * sx_erfcf(-0.70710678f * x)))
F32(gelu_tanh, swish(x, sx_sigmoidf(1.5957691f * (x + 0.044715f * x * x * x))))
F32(hard_sigmoid, clipped(alpha * x + beta, 0.0f, 1.0f))
F32(hard_swish, swish(x, clipped(x + 3.0f, 0.0f, 6.0f)) / 6.0f)
F32(swish, swish(x, sx_sigmoidf(alpha * x)))
F32(mish, mish(x))
F32(shrink, shrunk(x, alpha, beta))
F32(sigmoid, sx_sigmoidf(x))
F32(tanh, sx_tanhf(x))
F32(softplus, sx_softplusf(x))
F32(softsign, x / (1.0f + sx_fabsf(x)))
F32(erf, sx_erff(x))
F32(exp, sx_expf(x))
F32(log, sx_logf(x))
F32(sqrt, sx_sqrtf(x))
F32(rsqrt, 1.0f / sx_sqrtf(x))
F32(square, x * x)
F32(reciprocal, 1.0f / x)
F32(abs, sx_fabsf(x))
F32(neg, -x)
F32(sign, (x > 0.0f) ? 1.0f : (x < 0.0f) ? -1.0f : x)
F32(floor, sx_floorf(x))
F32(ceil, sx_ceilf(x))
F32(round, sx_rintf(x))
F32(sin, sx_sinf(x))
F32(cos, sx_cosf(x))
F32(tan, sx_tanf(x))
F32(asin, sx_asinf(x))
F32(acos, sx_acosf(x))
F32(atan, sx_atanf(x))
F32(sinh, sx_sinhf(x))
F32(cosh, sx_coshf(x))
F32(asinh, sx_asinhf(x))
F32(acosh, sx_acoshf(x))
F32(atanh, sx_atanhf(x))
TEST(is_nan, sx_is_nan(x))
TEST(is_inf, (x == sx_infinity()) ? alpha != 0.0f : (x == -sx_infinity()) ? beta != 0.0f : 0)

#undef OF_EACH
#undef F32
#undef TEST
