/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_softmax_s8.h"

#include "sx_softmax_s8_tflite_body.h"

static inline int32_t sx_softmax_stored_tflite(const void *p, int32_t difference)
{
    return sx_softmax_s8_exp((const sx_softmax_s8 *)p, difference);
}

void sx_softmax_s8_tflite(const sx_softmax_s8 *p, const int8_t *const rows[], int8_t *out)
{
    sx_softmax_s8_tflite_body(p, p->rows, p->depth, rows[0], out, sx_softmax_stored_tflite, sx_multiply_q31);
}
