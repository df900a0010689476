/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LSTM_CELL_H
#define SX_LSTM_CELL_H

#include "sx_elements.h"
#include "sx_requantize.h"
#include "sx_sigmoid_s16.h"

/** A Q31 multiplier, and its exponent. */
typedef struct {
    int32_t multiplier;
    int32_t shift;
} sx_scale_q31;

/** What the gates of an LSTM do with its cell state, which is int16 whatever the input is. */
typedef struct {
    sx_scale_q31 forget_scale; /* 2^-15 */
    sx_scale_q31 input_scale;  /* 2^-30 / s_cell */
    sx_scale_q31 hidden_scale; /* 2^-30 / s_h */
    sx_sigmoid_s16 gate;       /* of Q3.12 */
    sx_sigmoid_s16 state;      /* of the cell state */
    int32_t clip;              /* the largest magnitude of the cell state, or 0 */
} sx_lstm_cell;

static inline int32_t sx_lstm_saturate(int32_t x)
{
    return (x > 32767) ? 32767 : (x < -32768) ? -32768 : x;
}

/** A product as int16. */
static inline int32_t sx_lstm_product(int32_t sum, sx_scale_q31 scale)
{
    return sx_lstm_saturate(sx_scale_tflite(sum, scale.multiplier, scale.shift));
}

/**
 * The next cell state of one unit, and its hidden state without the zero point, which is not saturated.
 *
 * @param gates  inputs of the gates input, output, forget and cell in Q3.12, int16
 */
static inline int32_t sx_lstm_unit(const sx_lstm_cell *p, const int32_t gates[4], sx_s16 *cell)
{
    const int32_t input = sx_sigmoid_s16_of(&p->gate, gates[0]);
    const int32_t output = sx_sigmoid_s16_of(&p->gate, gates[1]);
    const int32_t forget = sx_sigmoid_s16_of(&p->gate, gates[2]);
    const int32_t fresh = sx_tanh_s16_of(&p->gate, gates[3]);
    const int32_t kept = sx_lstm_product(forget * *cell, p->forget_scale);
    const int32_t next = sx_lstm_saturate(kept + sx_lstm_product(input * fresh, p->input_scale));
    const int32_t limit = p->clip;
    const int32_t clipped = (limit == 0) ? next : (next > limit) ? limit : (next < -limit) ? -limit : next;
    *cell = (int16_t)clipped;
    const int32_t product = sx_tanh_s16_of(&p->state, clipped) * output;
    return sx_scale_tflite(product, p->hidden_scale.multiplier, p->hidden_scale.shift);
}

#endif
