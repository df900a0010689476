/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_recurrent_f32.h"
#include "sx_recurrent_f32_body.h"

static void sx_sequence_gru_f32_cell(const sx_recurrent_f32_params *p, const sx_cell_f32 *cell, sx_f32 *sums, sx_f32 *c)
{
    const int32_t units = p->units;
    sx_f32 *update = sums;
    sx_f32 *reset = sums + units;
    sx_f32 *candidate = sums + 2 * units;
    sx_f32 *of_output = sums + 3 * units;
    (void)c;
    for (int32_t gate = 0; gate < 3; ++gate) {
        sx_gate_f32_of_input(sums + gate * units, p, cell->x, gate);
    }
    sx_gate_f32_of_output(update, p, cell->h, 0);
    sx_gate_f32_of_output(reset, p, cell->h, 1);
    for (int32_t i = 0; i < units; ++i) {
        update[i] = sx_gate_f32(p->f, update[i], p->clip);
        reset[i] = sx_gate_f32(p->f, reset[i], p->clip);
        of_output[i] = (p->recurrent_bias != NULL) ? p->recurrent_bias[i] : reset[i] * cell->h[i];
    }
    if (p->recurrent_bias != NULL) {
        sx_gate_f32_of_output(of_output, p, cell->h, 2);
    } else {
        sx_gate_f32_of_output(candidate, p, of_output, 2);
    }
    for (int32_t i = 0; i < units; ++i) {
        const float sum = (p->recurrent_bias != NULL) ? candidate[i] + reset[i] * of_output[i] : candidate[i];
        const float value = sx_gate_f32(p->g, sum, p->clip);
        cell->y[i] = value + update[i] * (cell->h[i] - value);
    }
}

void sx_sequence_gru_f32(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *last,
                         int8_t *scratch)
{
    sx_recurrent_f32_body(p, rows, out, last, (sx_f32 *)(void *)scratch, NULL, sx_sequence_gru_f32_cell);
}
