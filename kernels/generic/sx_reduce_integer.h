/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REDUCE_INTEGER_H
#define SX_REDUCE_INTEGER_H

#include <stdint.h>

#include "sx_integers.h"
#include "sx_walk.h"

/** Parameters of a reduction of plain integers along any dimensions. */
typedef struct {
    sx_walk kept;    /* over the output; steps of the input, in bytes */
    sx_walk reduced; /* over what becomes one element; steps of the input, in bytes */
    int32_t count;   /* elements that become one, >= 1 */
    int32_t dtype;   /* of input and output, an sx_dtype, not SX_F32 */
} sx_reduce_integer_params;

/**
 * out[i][j]... = one number for all elements that the second walk finds from where the first one is, modulo the size of the dtype.
 *
 * The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is the input
 * @param out   must not overlap the input
 */
#define SX_REDUCE_INTEGER(name) \
    void sx_reduce_##name##_integer(const sx_reduce_integer_params *p, const int8_t *const rows[], int8_t *out);

SX_REDUCE_INTEGER(sum)
SX_REDUCE_INTEGER(mean) /* of int64 sums, rounded toward 0 */
SX_REDUCE_INTEGER(l1)
SX_REDUCE_INTEGER(sum_square)
SX_REDUCE_INTEGER(max)
SX_REDUCE_INTEGER(min)
SX_REDUCE_INTEGER(prod)

#undef SX_REDUCE_INTEGER

#endif
