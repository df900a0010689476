/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SOFTMAX_F32_H
#define SX_SOFTMAX_F32_H

#include <stdint.h>

/** Parameters of softmax, logarithmic softmax and hardmax of float32. */
typedef struct {
    float beta;    /* of softmax alone */
    int32_t rows;  /* >= 1 */
    int32_t depth; /* classes, >= 1 */
} sx_softmax_f32_params;

/**
 * Over each row of `depth` elements, m being the largest one:
 *
 *     softmax      out[i] = exp(beta * (x[i] - m)) / sum over j of exp(beta * (x[j] - m))
 *     log_softmax  out[i] = x[i] - m - log(sum over j of exp(x[j] - m))
 *     hardmax      out[i] = 1 if i is the first with x[i] = m, else 0
 *
 * Exponentials of softmax are computed twice, so that nothing need be kept and `out` is written only.
 *
 * @param rows  rows[0] is x, [rows][depth]
 * @param out   [rows][depth], may be x: elements are written in ascending order, each after it was read for the last time
 */
void sx_softmax_f32(const sx_softmax_f32_params *p, const int8_t *const rows[], int8_t *out);
void sx_log_softmax_f32(const sx_softmax_f32_params *p, const int8_t *const rows[], int8_t *out);
void sx_hardmax_f32(const sx_softmax_f32_params *p, const int8_t *const rows[], int8_t *out);

#endif
