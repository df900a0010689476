/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CMSIS_NN_H
#define SX_CMSIS_NN_H

#include <stdint.h>

#include "arm_nnfunctions.h"

/* The export rules know the scratch sizes and the arithmetic of these variants of CMSIS-NN only. */
#if defined(ARM_MATH_MVEI)
#error "the rules of lib cmsis_nn do not know the scratch sizes of cores with MVE"
#endif
#if defined(CMSIS_NN_USE_SINGLE_ROUNDING)
#error "CMSIS_NN_USE_SINGLE_ROUNDING is not the arithmetic of the tflite rule"
#endif

/** Q31 mantissas and exponents, one for each output channel or one for all. */
typedef struct {
    const int32_t *multiplier;
    const int32_t *shift; /* -31..31, positive to the left */
} sx_cmsis_scaling;

/**
 * The same address for a structure of CMSIS-NN, whose members lack the const although it only reads them. By way of an
 * integer, as a cast of the pointer may not drop the const.
 */
static inline int32_t *sx_cmsis_read_only(const int32_t *values)
{
    return (int32_t *)(uintptr_t)values;
}

#endif
