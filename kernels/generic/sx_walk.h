/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_WALK_H
#define SX_WALK_H

#include <stdbool.h>
#include <stdint.h>

/** The most dimensions of a walk, and of the arrays that count along it. */
#define SX_MAX_RANK 8

/**
 * A loop over the indices of an array of any rank, the last dimension innermost, for operands that have their elements elsewhere
 * or have one for many. Rules merge dimensions along which all operands just go on.
 */
typedef struct {
    const int32_t *dims;  /* [rank], outermost first, each >= 1 */
    const int32_t *steps; /* [operands][rank], of an operand for an index more along a dimension; 0: it repeats */
    int32_t rank;         /* 1..SX_MAX_RANK */
} sx_walk;

/** How often the last dimension goes on without the others: what a kernel's inner loop is for. */
static inline int32_t sx_walk_run(const sx_walk *walk)
{
    return walk->dims[walk->rank - 1];
}

/** The step of an operand along the last dimension. */
static inline int32_t sx_walk_step(const sx_walk *walk, int32_t operand)
{
    return walk->steps[operand * walk->rank + walk->rank - 1];
}

/**
 * Go on to the next index of all dimensions but the last. After the last index everything is as before the first, and the
 * result is false.
 *
 * @param operands  number of operands
 * @param index     [SX_MAX_RANK], all 0 in the beginning
 * @param places    [operands], where the run begins, in units of the steps
 */
static inline bool sx_walk_next(const sx_walk *walk, int32_t operands, int32_t *index, int32_t *places)
{
    const int32_t rank = walk->rank;
    for (int32_t axis = rank - 2; axis >= 0; --axis) {
        const int32_t *const steps = walk->steps + axis;
        const int32_t dim = walk->dims[axis];
        const bool is_last = ++index[axis] == dim;
        const int32_t count = is_last ? 1 - dim : 1;
        for (int32_t operand = 0; operand < operands; ++operand) {
            places[operand] += count * steps[operand * rank];
        }
        if (!is_last) {
            return true;
        }
        index[axis] = 0;
    }
    return false;
}

#endif
