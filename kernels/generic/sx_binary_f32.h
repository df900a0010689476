/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_BINARY_F32_H
#define SX_BINARY_F32_H

#include <stdint.h>

#include "sx_clamp_f32.h"
#include "sx_walk.h"

/** Parameters of an element-wise function of two float32 tensors whose dims broadcast. */
typedef struct {
    sx_walk walk;         /* over the output; steps of a and b, in elements */
    sx_limits_f32 limits; /* of the kernels that clamp */
} sx_binary_f32_params;

/**
 * out[i][j]... = f(a, b) of the elements that the walk pairs.
 *
 * The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is a, rows[1] is b, float32; both may be the same tensor
 * @param out   float32, or bool where the kernel compares; written in ascending order, each element after its operands were read.
 *              May be an operand of the output's dims and type, or begin before it, but must not overlap the operands otherwise
 */
#define SX_BINARY_F32(name) void sx_##name##_f32(const sx_binary_f32_params *p, const int8_t *const rows[], int8_t *out);

SX_BINARY_F32(add)
SX_BINARY_F32(sub)
SX_BINARY_F32(mul)
SX_BINARY_F32(div)
SX_BINARY_F32(add_clamp) /* within the limits, as the following ones */
SX_BINARY_F32(sub_clamp)
SX_BINARY_F32(mul_clamp)
SX_BINARY_F32(div_clamp)
SX_BINARY_F32(minimum) /* NaN if one is */
SX_BINARY_F32(maximum)
SX_BINARY_F32(squared_difference)
SX_BINARY_F32(prelu) /* a where a >= 0, else a * b */
SX_BINARY_F32(pow)
SX_BINARY_F32(mod)           /* the remainder of a / b with the sign of b */
SX_BINARY_F32(mod_truncated) /* with the sign of a */
SX_BINARY_F32(floor_div)     /* the largest integer not above a / b, by the exact remainder */
SX_BINARY_F32(atan2)
SX_BINARY_F32(equal)
SX_BINARY_F32(not_equal)
SX_BINARY_F32(greater)
SX_BINARY_F32(greater_equal)
SX_BINARY_F32(less)
SX_BINARY_F32(less_equal)

#undef SX_BINARY_F32

#endif
