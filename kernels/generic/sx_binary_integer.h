/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_BINARY_INTEGER_H
#define SX_BINARY_INTEGER_H

#include <stdint.h>

#include "sx_integers.h"
#include "sx_walk.h"

/** Parameters of an element-wise function of two tensors of plain integers whose dims broadcast. */
typedef struct {
    sx_walk walk;      /* over the output; steps of a and b, in bytes */
    int32_t dtype;     /* of a and b, an sx_dtype, not SX_F32 */
    int32_t out_dtype; /* the same, or SX_BOOL of a comparison */
    int32_t minimum, maximum; /* of the kernels that clamp */
} sx_binary_integer_params;

/**
 * out[i][j]... = f(a, b) of the elements that the walk pairs, modulo the size of the dtype.
 *
 * The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is a, rows[1] is b; both may be the same tensor
 * @param out   written in ascending order, SX_INTEGERS elements after their operands were read; may be an operand of the output's
 *              dims and dtype, but must not overlap the operands otherwise
 */
#define SX_BINARY_INTEGER(name) \
    void sx_##name##_integer(const sx_binary_integer_params *p, const int8_t *const rows[], int8_t *out);

SX_BINARY_INTEGER(add)
SX_BINARY_INTEGER(sub)
SX_BINARY_INTEGER(mul)
SX_BINARY_INTEGER(div) /* rounded toward 0; 0 where b is 0, as in the following three */
SX_BINARY_INTEGER(floor_div)
SX_BINARY_INTEGER(mod)           /* the remainder with the sign of b */
SX_BINARY_INTEGER(mod_truncated) /* with the sign of a */
SX_BINARY_INTEGER(add_clamp)     /* the exact result within minimum and maximum, as the following ones */
SX_BINARY_INTEGER(sub_clamp)
SX_BINARY_INTEGER(mul_clamp)
SX_BINARY_INTEGER(div_clamp)
SX_BINARY_INTEGER(pow) /* rounded toward 0 where b is negative; 0 to a negative power is 0 */
SX_BINARY_INTEGER(minimum)
SX_BINARY_INTEGER(maximum)
SX_BINARY_INTEGER(squared_difference)
SX_BINARY_INTEGER(prelu)
SX_BINARY_INTEGER(equal)
SX_BINARY_INTEGER(not_equal)
SX_BINARY_INTEGER(greater)
SX_BINARY_INTEGER(greater_equal)
SX_BINARY_INTEGER(less)
SX_BINARY_INTEGER(less_equal)
SX_BINARY_INTEGER(and)
SX_BINARY_INTEGER(or)
SX_BINARY_INTEGER(xor)
SX_BINARY_INTEGER(shift_left)  /* 0 from the dtype's width on, and where b is negative */
SX_BINARY_INTEGER(shift_right) /* rounded down; -1 or 0 where b is negative */

#undef SX_BINARY_INTEGER

/* Of uint64, with SX_S64 for the dtypes: rounded down; 0 where b is 0. */
void sx_div_uint64(const sx_binary_integer_params *p, const int8_t *const rows[], int8_t *out);
void sx_mod_uint64(const sx_binary_integer_params *p, const int8_t *const rows[], int8_t *out);

/* From 64 on 0. */
void sx_shift_right_uint64(const sx_binary_integer_params *p, const int8_t *const rows[], int8_t *out);

#endif
