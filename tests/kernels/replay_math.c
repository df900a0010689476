/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of sx_math_f32.h, applied to arrays. */
#include "sx_math_f32.h"

#define OF_ONE(name)                                                        \
    void math_##name(const float *x, float *out, int32_t count);            \
    void math_##name(const float *x, float *out, int32_t count)             \
    {                                                                       \
        for (int32_t i = 0; i < count; ++i) {                               \
            out[i] = sx_##name##f(x[i]);                                    \
        }                                                                   \
    }

#define OF_TWO(name)                                                        \
    void math_##name(const float *x, const float *y, float *out, int32_t count); \
    void math_##name(const float *x, const float *y, float *out, int32_t count)  \
    {                                                                       \
        for (int32_t i = 0; i < count; ++i) {                               \
            out[i] = sx_##name##f(x[i], y[i]);                              \
        }                                                                   \
    }

OF_ONE(exp)
OF_ONE(expm1)
OF_ONE(log)
OF_ONE(log1p)
OF_ONE(tanh)
OF_ONE(sigmoid)
OF_ONE(softplus)
OF_ONE(sqrt)
OF_ONE(rint)
OF_ONE(floor)
OF_ONE(ceil)
OF_ONE(trunc)
OF_ONE(sinh)
OF_ONE(cosh)
OF_ONE(asinh)
OF_ONE(acosh)
OF_ONE(atanh)
OF_ONE(sin)
OF_ONE(cos)
OF_ONE(tan)
OF_ONE(asin)
OF_ONE(acos)
OF_ONE(atan)
OF_ONE(erf)
OF_ONE(erfc)
OF_TWO(fmod)
OF_TWO(pow)
OF_TWO(atan2)
