/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_UNARY_INTEGER_H
#define SX_UNARY_INTEGER_H

#include <stdint.h>

#include "sx_integers.h"

/** Parameters of an element-wise function of plain integers. */
typedef struct {
    int64_t low, high; /* of clip */
    int32_t dtype;     /* of input and output, an sx_dtype, not SX_F32 */
    int32_t size;      /* number of elements */
} sx_unary_integer_params;

/**
 * out[i] = f(x[i]), modulo the size of the dtype.
 *
 * The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is x [size]
 * @param out   [size]; written in ascending order; may be x itself, but must not overlap it otherwise
 */
#define SX_UNARY_INTEGER(name) \
    void sx_##name##_integer(const sx_unary_integer_params *p, const int8_t *const rows[], int8_t *out);

SX_UNARY_INTEGER(relu)
SX_UNARY_INTEGER(clip) /* min(max(x, low), high) */
SX_UNARY_INTEGER(square)
SX_UNARY_INTEGER(abs)
SX_UNARY_INTEGER(neg)
SX_UNARY_INTEGER(sign)
SX_UNARY_INTEGER(not)
SX_UNARY_INTEGER(bitwise_not)

#undef SX_UNARY_INTEGER

#endif
