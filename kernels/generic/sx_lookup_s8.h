/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LOOKUP_S8_H
#define SX_LOOKUP_S8_H

#include <stdint.h>

/** Parameters of one elementwise function of an int8 tensor, given as a table. */
typedef struct {
    const int8_t *table; /* [256], the output for input -128 first */
    int32_t size;        /* number of elements */
} sx_lookup_s8;

/**
 * out[i] = table[input[i] + 128], without rounding.
 *
 * @param rows  rows[0] is the input [size]
 * @param out   output [size]; written in ascending order; may be the input itself or begin before it, but must not
 *              overlap it otherwise
 */
void sx_lookup_s8_exact(const sx_lookup_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
