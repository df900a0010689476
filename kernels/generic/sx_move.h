/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MOVE_H
#define SX_MOVE_H

#include <stdint.h>

#include "sx_walk.h"

/*
 * Kernels that move elements of any size without looking at them. Distances are in bytes. "Element" is what is moved at a time:
 * one of a tensor, or several that stay together.
 */

/** Parameters of sx_move_strided(). */
typedef struct {
    sx_walk walk;          /* over the output; steps of the input, in bytes, negative ones too */
    int32_t offset;        /* of the first element in the input */
    int32_t element_bytes; /* 1, 2, 4, 8, or any number */
} sx_move_strided_params;

/**
 * out[i][j]... = the element at offset + i * steps[0] + j * steps[1] + ...: transpositions, slices, repetitions.
 *
 * @param rows  rows[0] is the input
 * @param out   the output, element by element; must not overlap the input
 */
void sx_move_strided(const sx_move_strided_params *p, const int8_t *const rows[], int8_t *out);

/** Parameters of sx_move_mapped(). */
typedef struct {
    const int32_t *dims;   /* [rank] of the output, outermost first, in elements */
    const int32_t *places; /* for each dimension its dims[axis] places in the input in bytes, or -1 */
    const int8_t *value;   /* [element_bytes], what is outside of the input; NULL when there is no -1 */
    int32_t rank;          /* 1..SX_MAX_RANK */
    int32_t element_bytes; /* 1, 2, 4, 8, or any number */
} sx_move_mapped_params;

/**
 * out[i][j]... = the element at places[0][i] + places[1][j] + ..., or `value` where one of them is -1: pads of all modes, and
 * resampling to the nearest element.
 *
 * @param rows  rows[0] is the input
 * @param out   the output, element by element; must not overlap the input
 */
void sx_move_mapped(const sx_move_mapped_params *p, const int8_t *const rows[], int8_t *out);

/** Parameters of sx_where(). */
typedef struct {
    sx_walk walk;          /* over the output; steps of the condition, of a and of b, in bytes */
    int32_t element_bytes; /* of a, b and the output: 1, 2, 4 or 8 */
} sx_where_params;

/**
 * out[i][j]... = a where the condition is not 0, else b.
 *
 * @param rows  rows[0] is the condition, bool; rows[1] is a, rows[2] is b
 * @param out   must not overlap the operands
 */
void sx_where(const sx_where_params *p, const int8_t *const rows[], int8_t *out);

/** Copy bytes, words where all is aligned, to where they do not overlap; the end of the copy. */
int8_t *sx_copy(int8_t *out, const int8_t *x, int32_t bytes);

#endif
