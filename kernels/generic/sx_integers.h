/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_INTEGERS_H
#define SX_INTEGERS_H

#include <stdint.h>

/*
 * Integer elements of any dtype, a few at a time as int64: the kernels of plain integers, which models have few of, need one loop
 * for all dtypes, and decide about the dtype once for SX_INTEGERS elements.
 */

/** The dtype of elements. */
typedef enum { SX_BOOL, SX_S8, SX_U8, SX_S16, SX_U16, SX_S32, SX_U32, SX_S64, SX_U64, SX_F32 } sx_dtype;

/** How many elements are taken at a time. */
#define SX_INTEGERS 16

/**
 * values[i] = element i, which lies i * step_bytes behind x.
 *
 * Of SX_U64, the elements less 2^63, so that their order is kept, and storing adds it again; for sums and products modulo 2^64, and
 * for bits, take SX_S64 for them. Of SX_F32, integers in the order of the numbers: -0 and 0 are one, NaN of either sign is the largest.
 *
 * @param dtype  an sx_dtype
 * @param count  0..SX_INTEGERS
 */
void sx_load_integers(int64_t *values, const int8_t *x, int32_t step_bytes, int32_t dtype, int32_t count);

/** The same the other way round, elements side by side: modulo the size of the dtype, bool as 0 and not 0. Not of SX_F32. */
int8_t *sx_store_integers(int8_t *out, int32_t dtype, const int64_t *values, int32_t count);

/** The bytes of an element. */
static inline int32_t sx_dtype_bytes(int32_t dtype)
{
    return (dtype == SX_S64 || dtype == SX_U64) ? 8 : (dtype >= SX_S32) ? 4 : (dtype >= SX_S16) ? 2 : 1;
}

/** a / b rounded down; 0 where b is 0. */
uint64_t sx_divide_u64(uint64_t a, uint64_t b);

/** a / b rounded toward 0; 0 where b is 0. */
int64_t sx_divide_s64(int64_t a, int64_t b);

/* Sums and products modulo 2^64, of which what overflows is defined. */

static inline int64_t sx_add_s64(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t sx_sub_s64(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static inline int64_t sx_mul_s64(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

#endif
