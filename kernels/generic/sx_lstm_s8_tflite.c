/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_lstm_s8.h"

#include <stddef.h>

#include "sx_dot4_s8.h"

/** One step of one sequence: all units from the same hidden state. */
static inline void sx_lstm_step(const sx_lstm_s8 *p, const int8_t *x, const int8_t *hidden, int8_t *next, sx_s16 *cell)
{
    const int32_t units = p->units;
    for (int32_t u = 0; u < units; ++u) {
        int32_t sums[4] = {0, 0, 0, 0};
        int32_t state_sums[4] = {0, 0, 0, 0};
        int32_t gates[4];
        sx_dot4_s8(sums, x, p->weights + u * p->inputs, units * p->inputs, p->inputs, p->input_zero_point);
        sx_dot4_s8(state_sums, hidden, p->recurrent + u * units, units * units, units, p->hidden_zero_point);
        for (int32_t gate = 0; gate < 4; ++gate) {
            const int32_t i = gate * units + u;
            const int32_t first = sums[gate] + ((p->bias != NULL) ? p->bias[i] : 0);
            const int32_t second = state_sums[gate] + ((p->recurrent_bias != NULL) ? p->recurrent_bias[i] : 0);
            gates[gate] = sx_lstm_saturate(sx_lstm_product(first, p->input_scales[gate]) +
                                           sx_lstm_product(second, p->state_scales[gate]));
        }
        next[u] = sx_offset_clamp_s8(sx_lstm_unit(&p->cell, gates, cell + u), p->hidden_zero_point, -128, 127);
    }
}

void sx_lstm_s8_tflite(const sx_lstm_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *hidden, int8_t *cell,
                       int8_t *scratch)
{
    const int32_t units = p->units;
    const sx_s16 *const first_cell = (const sx_s16 *)(const void *)rows[2];
    sx_s16 *const last_cell = (sx_s16 *)(void *)cell;
    sx_s16 *const own_cell = (sx_s16 *)(void *)scratch;
    for (int32_t n = 0; n < p->batch; ++n) {
        int8_t *state = scratch + 2 * units;
        int8_t *next = state + units;
        for (int32_t u = 0; u < units; ++u) {
            own_cell[u] = first_cell[n * units + u];
            state[u] = rows[1][n * units + u];
        }
        for (int32_t t = 0; t < p->steps; ++t) {
            const int32_t place = t * p->batch + n;
            sx_lstm_step(p, rows[0] + place * p->inputs, state, next, own_cell);
            for (int32_t u = 0; u < units; ++u) {
                out[place * units + u] = next[u];
            }
            int8_t *const free = state;
            state = next;
            next = free;
        }
        for (int32_t u = 0; u < units; ++u) {
            last_cell[n * units + u] = own_cell[u];
            hidden[n * units + u] = state[u];
        }
    }
}
