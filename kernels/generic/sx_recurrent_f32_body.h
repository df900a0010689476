/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RECURRENT_F32_BODY_H
#define SX_RECURRENT_F32_BODY_H

#include <stdint.h>

#include "sx_affine_f32.h"
#include "sx_elements.h"
#include "sx_math_f32.h"
#include "sx_port.h"
#include "sx_recurrent_f32.h"

/** The activation of a sum within -clip to clip. */
static SX_NOINLINE float sx_gate_f32(int32_t activation, float sum, float clip)
{
    const float raised = (sum < -clip) ? -clip : sum;
    const float x = (raised > clip) ? clip : raised;
    if (activation == SX_GATE_RELU) {
        return (x < 0.0f) ? 0.0f : x;
    }
    return (activation == SX_GATE_TANH) ? sx_tanhf(x) : sx_sigmoidf(x);
}

/** Where one cell reads and writes. */
typedef struct {
    const sx_f32 *x; /* [inputs] */
    const sx_f32 *h; /* [units]: the output before */
    sx_f32 *y;       /* [units] */
    int32_t item;    /* of the batch */
} sx_cell_f32;

/** Type of what computes one cell; kernels give it as a constant argument. */
typedef void sx_cell_f32_step(const sx_recurrent_f32_params *p, const sx_cell_f32 *cell, sx_f32 *sums, sx_f32 *c);

/** All cells of all steps, and a copy of the last outputs. `c` and `sums` are passed on. */
static inline void sx_recurrent_f32_body(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out,
                                         int8_t *last, sx_f32 *sums, sx_f32 *c, sx_cell_f32_step *compute)
{
    const int32_t size = p->batch * p->units;
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    const sx_f32 *h = (const sx_f32 *)(const void *)rows[1];
    sx_f32 *to = (sx_f32 *)(void *)last;
    for (int32_t step = 0; step < p->steps; ++step) {
        const int32_t at = (p->is_reverse != 0) ? p->steps - 1 - step : step;
        sx_f32 *y = (sx_f32 *)(void *)out + at * size;
        for (int32_t item = 0; item < p->batch; ++item) {
            const sx_cell_f32 cell = {x + (at * p->batch + item) * p->inputs, h + item * p->units, y + item * p->units, item};
            compute(p, &cell, sums, c);
        }
        h = y;
    }
    for (int32_t i = 0; i < size; ++i) {
        to[i] = h[i];
    }
}

/** sums[units] of one gate: w x + bias. */
static inline void sx_gate_f32_of_input(sx_f32 *sums, const sx_recurrent_f32_params *p, const sx_f32 *x, int32_t gate)
{
    for (int32_t i = 0; i < p->units; ++i) {
        sums[i] = p->bias[gate * p->units + i];
    }
    sx_affine_f32(sums, p->units, x, p->weights + gate * p->units * p->inputs, p->inputs);
}

/** sums[units] of one gate: + r h. */
static inline void sx_gate_f32_of_output(sx_f32 *sums, const sx_recurrent_f32_params *p, const sx_f32 *h, int32_t gate)
{
    sx_affine_f32(sums, p->units, h, p->recurrent_weights + gate * p->units * p->units, p->units);
}

#endif
