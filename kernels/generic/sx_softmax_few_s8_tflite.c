/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_port.h"
#include "sx_exponential_q31.h"
#include "sx_softmax_s8.h"
#include "sx_softmax_s8_tflite_body.h"

static SX_NOINLINE int32_t sx_softmax_computed_tflite(const void *parameters, int32_t difference)
{
    const sx_softmax_s8 *const p = (const sx_softmax_s8 *)parameters;
    if (p->exp_table != NULL) {
        return sx_softmax_s8_exp(p, difference);
    }
    if (difference >= p->entries) {
        return 0;
    }
    const int32_t scaled = (int32_t)(0u - ((uint32_t)difference << p->shift));
    return sx_exponential_q31(sx_multiply_q31_shared(scaled, p->multiplier));
}

SX_SMALL void sx_softmax_few_s8_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_softmax_s8_tflite_body(p, p->rows, p->depth, rows[0], out, sx_softmax_computed_tflite, sx_multiply_q31_shared);
}
