/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_BROADCAST_H
#define SX_BROADCAST_H

#include <stdbool.h>
#include <stdint.h>

/** Dimensions that two operands of any rank may have, neighbours being one where both operands repeat or both do not. */
#define SX_BROADCAST_RANK 6

/** Which elements of two operands meet in each element of an output. */
typedef struct {
    int32_t dims[SX_BROADCAST_RANK];    /* of the output, the innermost last; those that are not used are 1 and first */
    int32_t a_steps[SX_BROADCAST_RANK]; /* bytes to the next element along each dimension; 0 where the operand repeats */
    int32_t b_steps[SX_BROADCAST_RANK];
} sx_broadcast;

/** The first elements of an innermost run, and how many runs there have been along the other dimensions. */
typedef struct {
    const int8_t *a;
    const int8_t *b;
    int32_t at[SX_BROADCAST_RANK - 1];
} sx_broadcast_run;

static inline sx_broadcast_run sx_broadcast_first(const int8_t *const rows[])
{
    const sx_broadcast_run first = {rows[0], rows[1], {0}};
    return first;
}

/** Go on to the next innermost run; false after the last one. */
static inline bool sx_broadcast_next(const sx_broadcast *over, sx_broadcast_run *run)
{
    for (int32_t axis = SX_BROADCAST_RANK - 2; axis >= 0; --axis) {
        run->a += over->a_steps[axis];
        run->b += over->b_steps[axis];
        if (++run->at[axis] < over->dims[axis]) {
            return true;
        }
        run->a -= over->dims[axis] * over->a_steps[axis];
        run->b -= over->dims[axis] * over->b_steps[axis];
        run->at[axis] = 0;
    }
    return false;
}

#endif
