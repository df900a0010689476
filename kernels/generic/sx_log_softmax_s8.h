/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LOG_SOFTMAX_S8_H
#define SX_LOG_SOFTMAX_S8_H

#include <stdint.h>

/** Parameters of one logarithm of a softmax over the innermost dimension. */
typedef struct {
    const int32_t *exp_table;   /* [entries], exp(-d * scale) as Q12.19 at index d */
    int32_t entries;            /* 1..256; those behind are 0 */
    int32_t multiplier;         /* Q31 mantissa of scale * 2^26 */
    int32_t shift;              /* its exponent, 0..30 */
    int32_t inverse_multiplier; /* of the inverse */
    int32_t inverse_shift;      /* -31..0 */
    int32_t radius;             /* differences beyond it are as good as infinite */
    int32_t rows;               /* number of independent vectors */
    int32_t depth;              /* their length, 1..4095 */
} sx_log_softmax_s8;

/**
 * out[i] = clamp(16 * (x[i] - max - log(sum of exp(x - max))) + 127), x being real: scale 1/16 and zero point 127. Differences are
 * Q5.26, sums Q12.19. Bit-exact to TensorFlow Lite Micro.
 *
 * @param rows  rows[0] is the input [rows][depth]
 * @param out   output [rows][depth]; written in ascending order; may be the input itself or begin before it, but must not overlap
 *              it otherwise
 */
void sx_log_softmax_s8_tflite(const sx_log_softmax_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
