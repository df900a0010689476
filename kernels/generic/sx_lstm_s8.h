/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LSTM_S8_H
#define SX_LSTM_S8_H

#include "sx_lstm_cell.h"

/** Parameters of one LSTM. Gates: input, output, forget, cell. */
typedef struct {
    const int8_t *weights;         /* [4][units][inputs], symmetric */
    const int8_t *recurrent;       /* [4][units][units], symmetric */
    const int32_t *bias;           /* [4][units] of the products with the input; or NULL */
    const int32_t *recurrent_bias; /* [4][units] of those with the hidden state; or NULL */
    sx_scale_q31 input_scales[4];  /* s_x * s_w / 2^-12 of each gate */
    sx_scale_q31 state_scales[4];  /* s_h * s_r / 2^-12 of each gate */
    sx_lstm_cell cell;
    int32_t input_zero_point, hidden_zero_point;
    int32_t steps, batch, inputs, units;
} sx_lstm_s8;

/**
 * gate = sigmoid of the saturated sum of two products in Q3.12 (of the last gate tanh), Q15
 * cell = clip(forget * cell * forget_scale + input * new * input_scale), int16, saturated
 * hidden = clamp(tanh(cell) * output * hidden_scale + hidden_zero_point)
 *
 * "*" of a scale is multiplier and shift with the two roundings of sx_scale_tflite().
 *
 * @param rows    rows[0] is x [steps][batch][inputs], rows[1] the hidden state [batch][units], rows[2] the cell state, int16
 * @param out     the hidden states [steps][batch][units]; no output may overlap an input
 * @param hidden  the last hidden state [batch][units]
 * @param cell    the last cell state [batch][units], int16
 * @param scratch 4 * units bytes
 */
void sx_lstm_s8_tflite(const sx_lstm_s8 *p, const int8_t *const rows[], int8_t *out, int8_t *hidden, int8_t *cell,
                       int8_t *scratch);

#endif
