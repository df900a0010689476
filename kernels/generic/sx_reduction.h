/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_REDUCTION_H
#define SX_REDUCTION_H

#include <stdint.h>

/** Dimensions that stay, and that are reduced, neighbours of one kind being one. */
#define SX_REDUCTION_RANK 3

/** Which elements of an input are reduced to each element of an output. Unused dimensions are 1 and first. */
typedef struct {
    int32_t kept[SX_REDUCTION_RANK];       /* dimensions of the output, the innermost last */
    int32_t kept_steps[SX_REDUCTION_RANK]; /* elements of the input to the next one along each */
    int32_t reduced[SX_REDUCTION_RANK];
    int32_t reduced_steps[SX_REDUCTION_RANK];
} sx_reduction;

/** The first input element of output element (i, j, k). */
static inline int32_t sx_reduction_first(const sx_reduction *over, int32_t i, int32_t j, int32_t k)
{
    return i * over->kept_steps[0] + j * over->kept_steps[1] + k * over->kept_steps[2];
}

#endif
