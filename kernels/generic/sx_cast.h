/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CAST_H
#define SX_CAST_H

#include <stdint.h>

#include "sx_integers.h"

/** Parameters of a conversion between dtypes. */
typedef struct {
    int32_t from, to; /* an sx_dtype */
    int32_t size;     /* number of elements */
} sx_cast_params;

/**
 * out[i] = x[i] in another dtype, integers modulo the size of theirs; bool is 1 of what is not 0.
 *
 * The kernels are functions of one file: a linker takes those that a model uses.
 *
 * @param rows  rows[0] is x [size]
 * @param out   [size]; must not overlap x
 */
void sx_cast_integer(const sx_cast_params *p, const int8_t *const rows[], int8_t *out);

/** The same of integers to the nearest float32, halves to the even one. */
void sx_cast_to_f32(const sx_cast_params *p, const int8_t *const rows[], int8_t *out);

/** The same of float32, rounded toward 0; NaN becomes 0, and numbers outside of int64 its nearest one, before the modulus. */
void sx_cast_from_f32(const sx_cast_params *p, const int8_t *const rows[], int8_t *out);

#endif
