/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REDUCE_F32_H
#define SX_REDUCE_F32_H

#include <stdint.h>

#include "sx_walk.h"

/** Parameters of a reduction of float32 along any dimensions. */
typedef struct {
    sx_walk kept;    /* over the output; steps of the input, in elements */
    sx_walk reduced; /* over what becomes one element; steps of the input, in elements */
    int32_t count;   /* elements that become one, >= 1 */
} sx_reduce_f32_params;

/**
 * out[i][j]... = one number for all elements that the second walk finds from where the first one is.
 *
 * Sums are of 16 elements at a time, in four parts, and those sums are added up with W. Kahan's compensation: the error does not
 * grow with the number of elements. The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is the input, float32
 * @param out   float32; must not overlap the input
 */
#define SX_REDUCE_F32(name) \
    void sx_reduce_##name##_f32(const sx_reduce_f32_params *p, const int8_t *const rows[], int8_t *out);

SX_REDUCE_F32(sum)
SX_REDUCE_F32(mean)
SX_REDUCE_F32(l1)          /* the sum of |x| */
SX_REDUCE_F32(l2)          /* the square root of the sum of x^2 */
SX_REDUCE_F32(sum_square)  /* the sum of x^2 */
SX_REDUCE_F32(log_sum)     /* the logarithm of the sum */
SX_REDUCE_F32(log_sum_exp) /* log(sum(exp(x - m))) + m, with m the largest x, so that nothing overflows */
SX_REDUCE_F32(max)         /* NaN if one is, as the following ones */
SX_REDUCE_F32(min)
SX_REDUCE_F32(prod)

#undef SX_REDUCE_F32

#endif
