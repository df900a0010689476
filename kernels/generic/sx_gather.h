/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_GATHER_H
#define SX_GATHER_H

#include <stdint.h>

#include "sx_integers.h"
#include "sx_walk.h"

/*
 * Kernels that move elements of any size to or from where indices say. Negative indices count from the end; one outside of the
 * dimension is taken for its nearest, so that no index makes a kernel leave its tensors.
 */

/** Parameters of sx_gather(). */
typedef struct {
    int32_t batch;       /* each has indices of its own: what lies before batch_dims, >= 1 */
    int32_t outer;       /* dimensions between the batch and the axis */
    int32_t dim;         /* of the axis, that the indices are for */
    int32_t count;       /* indices of a batch */
    int32_t block_bytes; /* what lies behind the axis */
    int32_t dtype;       /* of the indices, an sx_dtype */
} sx_gather_params;

/**
 * out[batch][outer][i] = x[batch][outer][indices[batch][i]], blocks of bytes.
 *
 * @param rows  rows[0] is x [batch][outer][dim], rows[1] the indices [batch][count]
 * @param out   [batch][outer][count]; must not overlap the operands
 */
void sx_gather(const sx_gather_params *p, const int8_t *const rows[], int8_t *out);

/** Parameters of sx_gather_elements(). */
typedef struct {
    sx_walk walk;          /* over the indices; steps of x in bytes, 0 along the axis */
    int32_t dim;           /* of the axis in x */
    int32_t axis_bytes;    /* step of x along the axis */
    int32_t element_bytes; /* 1, 2, 4, 8, or any number */
    int32_t dtype;         /* of the indices, an sx_dtype */
} sx_gather_elements_params;

/**
 * out[i][j][k] = x[i][indices[i][j][k]][k], for the second of three dimensions.
 *
 * @param rows  rows[0] is x, rows[1] the indices
 * @param out   of the indices' dims; must not overlap the operands
 */
void sx_gather_elements(const sx_gather_elements_params *p, const int8_t *const rows[], int8_t *out);

/** Parameters of sx_gather_nd() and sx_scatter_nd(). */
typedef struct {
    const int32_t *dims;  /* [depth], of the dimensions that the indices are for */
    const int32_t *steps; /* [depth], in bytes */
    int32_t depth;        /* 1..SX_MAX_RANK */
    int32_t batch;        /* >= 1; 1 in a scatter */
    int32_t batch_bytes;  /* of the indexed tensor */
    int32_t count;        /* blocks of a batch */
    int32_t block_bytes;  /* what lies behind the dimensions that the indices are for */
    int32_t dtype;        /* of the indices, an sx_dtype */
} sx_gather_nd_params;

/**
 * out[batch][i] = x[batch] at indices[batch][i], blocks of bytes.
 *
 * @param rows  rows[0] is x, rows[1] the indices [batch][count][depth]
 * @param out   [batch][count]; must not overlap the operands
 */
void sx_gather_nd(const sx_gather_nd_params *p, const int8_t *const rows[], int8_t *out);

/**
 * out = x, then out at indices[i] = updates[i], in ascending order of i.
 *
 * @param rows  rows[0] is x, batch_bytes long, rows[1] the indices [count][depth], rows[2] the updates [count]
 * @param out   of x's dims; must not overlap the operands
 */
void sx_scatter_nd(const sx_gather_nd_params *p, const int8_t *const rows[], int8_t *out);

/** An index that counts from the end when it is negative, within [0, dim). */
static inline int32_t sx_index_within(int64_t index, int32_t dim)
{
    const int64_t positive = (index < 0) ? index + dim : index;
    return (positive < 0) ? 0 : (positive < dim) ? (int32_t)positive : dim - 1;
}

/** The index at an address. */
static inline int64_t sx_load_index(const int8_t *indices, int32_t dtype)
{
    int64_t index;
    sx_load_integers(&index, indices, 0, dtype, 1);
    return index;
}

/** The place in bytes that `depth` indices say. */
static inline int32_t sx_place_of(const sx_gather_nd_params *p, const int8_t *indices)
{
    const int32_t bytes = sx_dtype_bytes(p->dtype);
    int32_t place = 0;
    for (int32_t i = 0; i < p->depth; ++i) {
        place += p->steps[i] * sx_index_within(sx_load_index(indices + i * bytes, p->dtype), p->dims[i]);
    }
    return place;
}

#endif
