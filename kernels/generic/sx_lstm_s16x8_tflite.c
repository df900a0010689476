/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_lstm_s16x8.h"

#include <stddef.h>

#include "sx_requantize_s16.h"

/** A product of a gate, as int16. */
static inline int32_t sx_lstm_wide_product(int64_t sum, const int64_t *bias, int32_t i, sx_scale_q31 scale)
{
    const int64_t total = sum + ((bias != NULL) ? bias[i] : 0);
    const int64_t value = sx_scale_wide(total, scale.multiplier, scale.shift);
    return (int32_t)((value > 32767) ? 32767 : (value < -32768) ? -32768 : value);
}

/** One step of one sequence: all units from the same hidden state. */
static inline void sx_lstm_s16x8_step(const sx_lstm_s16x8 *p, const sx_s16 *x, const sx_s16 *hidden, sx_s16 *next, sx_s16 *cell)
{
    const int32_t inputs = p->inputs;
    const int32_t units = p->units;
    for (int32_t u = 0; u < units; ++u) {
        int32_t gates[4];
        for (int32_t gate = 0; gate < 4; ++gate) {
            const int32_t i = gate * units + u;
            const int64_t own = sx_dot_s16x8(x, p->weights + i * inputs, 1, inputs);
            const int64_t recurrent = sx_dot_s16x8(hidden, p->recurrent + i * units, 1, units);
            gates[gate] = sx_lstm_saturate(sx_lstm_wide_product(own, p->bias, i, p->input_scales[gate]) +
                                           sx_lstm_wide_product(recurrent, p->recurrent_bias, i, p->state_scales[gate]));
        }
        next[u] = (int16_t)sx_lstm_saturate(sx_lstm_unit(&p->cell, gates, cell + u));
    }
}

void sx_lstm_s16x8_tflite(const sx_lstm_s16x8 *p, const int8_t *const rows[], int8_t *out, int8_t *hidden, int8_t *cell,
                          int8_t *scratch)
{
    const int32_t units = p->units;
    const sx_s16 *const x = (const sx_s16 *)(const void *)rows[0];
    const sx_s16 *const first_hidden = (const sx_s16 *)(const void *)rows[1];
    const sx_s16 *const first_cell = (const sx_s16 *)(const void *)rows[2];
    sx_s16 *const y = (sx_s16 *)(void *)out;
    sx_s16 *const last_hidden = (sx_s16 *)(void *)hidden;
    sx_s16 *const last_cell = (sx_s16 *)(void *)cell;
    sx_s16 *const own_cell = (sx_s16 *)(void *)scratch;
    for (int32_t n = 0; n < p->batch; ++n) {
        sx_s16 *state = own_cell + units;
        sx_s16 *next = state + units;
        for (int32_t u = 0; u < units; ++u) {
            own_cell[u] = first_cell[n * units + u];
            state[u] = first_hidden[n * units + u];
        }
        for (int32_t t = 0; t < p->steps; ++t) {
            const int32_t place = t * p->batch + n;
            sx_lstm_s16x8_step(p, x + place * p->inputs, state, next, own_cell);
            for (int32_t u = 0; u < units; ++u) {
                y[place * units + u] = next[u];
            }
            sx_s16 *const free = state;
            state = next;
            next = free;
        }
        for (int32_t u = 0; u < units; ++u) {
            last_cell[n * units + u] = own_cell[u];
            last_hidden[n * units + u] = state[u];
        }
    }
}
