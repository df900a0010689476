/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_recurrent_f32.h"
#include "sx_recurrent_f32_body.h"

/** Of unit i, what the cell adds to the sum of the gate whose peepholes are number `which`. */
static inline float sx_peephole_f32(const sx_recurrent_f32_params *p, int32_t which, int32_t i, float cell)
{
    return (p->peepholes != NULL) ? p->peepholes[which * p->units + i] * cell : 0.0f;
}

static void sx_sequence_lstm_f32_cell(const sx_recurrent_f32_params *p, const sx_cell_f32 *cell, sx_f32 *sums, sx_f32 *c)
{
    const int32_t units = p->units;
    sx_f32 *cells = c + cell->item * units;
    for (int32_t gate = 0; gate < 4; ++gate) {
        sx_gate_f32_of_input(sums + gate * units, p, cell->x, gate);
        sx_gate_f32_of_output(sums + gate * units, p, cell->h, gate);
    }
    for (int32_t i = 0; i < units; ++i) {
        const float before = cells[i];
        const float in = sx_gate_f32(p->f, sums[i] + sx_peephole_f32(p, 0, i, before), p->clip);
        const float kept = (p->is_coupled != 0)
                               ? 1.0f - in
                               : sx_gate_f32(p->f, sums[2 * units + i] + sx_peephole_f32(p, 2, i, before), p->clip);
        const float sum = kept * before + in * sx_gate_f32(p->g, sums[3 * units + i], p->clip);
        const float raised = (sum < -p->cell_clip) ? -p->cell_clip : sum;
        const float after = (raised > p->cell_clip) ? p->cell_clip : raised;
        const float out = sx_gate_f32(p->f, sums[units + i] + sx_peephole_f32(p, 1, i, after), p->clip);
        cells[i] = after;
        cell->y[i] = out * sx_gate_f32(p->h, after, SX_INFINITY);
    }
}

void sx_sequence_lstm_f32(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *last,
                          int8_t *cell, int8_t *scratch)
{
    const sx_f32 *first = (const sx_f32 *)(const void *)rows[2];
    sx_f32 *c = (sx_f32 *)(void *)cell;
    for (int32_t i = 0; i < p->batch * p->units; ++i) {
        c[i] = first[i];
    }
    sx_recurrent_f32_body(p, rows, out, last, (sx_f32 *)(void *)scratch, c, sx_sequence_lstm_f32_cell);
}
