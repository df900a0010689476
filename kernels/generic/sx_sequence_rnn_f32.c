/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "sx_recurrent_f32.h"
#include "sx_recurrent_f32_body.h"

/** The sums are gathered in the output. */
static void sx_sequence_rnn_f32_cell(const sx_recurrent_f32_params *p, const sx_cell_f32 *cell, sx_f32 *sums, sx_f32 *c)
{
    (void)sums;
    (void)c;
    sx_gate_f32_of_input(cell->y, p, cell->x, 0);
    sx_gate_f32_of_output(cell->y, p, cell->h, 0);
    for (int32_t i = 0; i < p->units; ++i) {
        cell->y[i] = sx_gate_f32(p->f, cell->y[i], p->clip);
    }
}

void sx_sequence_rnn_f32(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *last)
{
    sx_recurrent_f32_body(p, rows, out, last, NULL, NULL, sx_sequence_rnn_f32_cell);
}
