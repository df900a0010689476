/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_UNARY_F32_H
#define SX_UNARY_F32_H

#include <stdint.h>

/** Parameters of an element-wise function of float32. */
typedef struct {
    int32_t size;    /* number of elements */
    float alpha, beta; /* attributes of the operator, as the kernel says */
} sx_unary_f32_params;

/**
 * out[i] = f(x[i]) by the functions of sx_math_f32.h; infinities and NaN as IEEE 754 has them.
 *
 * The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is x, float32 [size]
 * @param out   float32 [size]; written in ascending order; may be x itself or begin before it, but must not overlap it otherwise
 */
#define SX_UNARY_F32(name) void sx_##name##_f32(const sx_unary_f32_params *p, const int8_t *const rows[], int8_t *out);

SX_UNARY_F32(relu)             /* max(x, 0) */
SX_UNARY_F32(relu6)            /* min(max(x, 0), 6) */
SX_UNARY_F32(clip)             /* min(max(x, alpha), beta) */
SX_UNARY_F32(leaky_relu)       /* x where x >= 0, else alpha * x */
SX_UNARY_F32(thresholded_relu) /* x where x > alpha, else 0 */
SX_UNARY_F32(elu)              /* x where x >= 0, else alpha * (exp(x) - 1) */
SX_UNARY_F32(selu)             /* beta * (x where x > 0, else alpha * (exp(x) - 1)) */
SX_UNARY_F32(celu)             /* x where x > 0, else alpha * (exp(x / alpha) - 1) */
SX_UNARY_F32(gelu)             /* x * erfc(-x / sqrt(2)) / 2 */
SX_UNARY_F32(gelu_tanh)        /* x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2, as a sigmoid */
SX_UNARY_F32(hard_sigmoid)     /* min(max(alpha * x + beta, 0), 1) */
SX_UNARY_F32(hard_swish)       /* x * min(max(x + 3, 0), 6) / 6 */
SX_UNARY_F32(swish)            /* x / (1 + exp(-alpha * x)) */
SX_UNARY_F32(mish)             /* x * tanh(log(1 + exp(x))), which is x * n / (n + 2) with n = e * (e + 2), e = exp(x) */
SX_UNARY_F32(shrink)           /* x + beta where x < -alpha, x - beta where x > alpha, else 0 */
SX_UNARY_F32(sigmoid)
SX_UNARY_F32(tanh)
SX_UNARY_F32(softplus)
SX_UNARY_F32(softsign)
SX_UNARY_F32(erf)
SX_UNARY_F32(exp)
SX_UNARY_F32(log)
SX_UNARY_F32(sqrt)
SX_UNARY_F32(rsqrt)
SX_UNARY_F32(square)
SX_UNARY_F32(reciprocal)
SX_UNARY_F32(abs)
SX_UNARY_F32(neg)
SX_UNARY_F32(sign)
SX_UNARY_F32(floor)
SX_UNARY_F32(ceil)
SX_UNARY_F32(round) /* halves to the even integer */
SX_UNARY_F32(sin)
SX_UNARY_F32(cos)
SX_UNARY_F32(tan)
SX_UNARY_F32(asin)
SX_UNARY_F32(acos)
SX_UNARY_F32(atan)
SX_UNARY_F32(sinh)
SX_UNARY_F32(cosh)
SX_UNARY_F32(asinh)
SX_UNARY_F32(acosh)
SX_UNARY_F32(atanh)

/* Of these out is bool [size], and must not overlap x. */
SX_UNARY_F32(is_nan)
SX_UNARY_F32(is_inf) /* alpha: whether positive infinity counts, beta: whether negative does; 0 or 1 */

#undef SX_UNARY_F32

#endif
