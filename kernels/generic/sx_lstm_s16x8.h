/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_LSTM_S16X8_H
#define SX_LSTM_S16X8_H

#include "sx_lstm_cell.h"

/** Parameters of one LSTM of int16 with int8 weights; nothing has a zero point. Gates: input, output, forget, cell. */
typedef struct {
    const int8_t *weights;         /* [4][units][inputs] */
    const int8_t *recurrent;       /* [4][units][units] */
    const int64_t *bias;           /* [4][units] of the products with the input; or NULL */
    const int64_t *recurrent_bias; /* [4][units] of those with the hidden state; or NULL */
    sx_scale_q31 input_scales[4];  /* s_x * s_w / 2^-12 of each gate; shifts up to 7 */
    sx_scale_q31 state_scales[4];  /* s_h * s_r / 2^-12 of each gate; shifts up to 7 */
    sx_lstm_cell cell;
    int32_t steps, batch, inputs, units;
} sx_lstm_s16x8;

/**
 * As sx_lstm_s8_tflite(), with inputs and hidden states in int16. Sums of products have 48 bits and are rounded once, by
 * sx_scale_wide(); the scales of the cell have the two roundings of sx_scale_tflite().
 *
 * @param rows    rows[0] is x [steps][batch][inputs], rows[1] the hidden state [batch][units], rows[2] the cell state
 * @param out     the hidden states [steps][batch][units]; no output may overlap an input
 * @param hidden  the last hidden state [batch][units]
 * @param cell    the last cell state [batch][units]
 * @param scratch 6 * units bytes
 */
void sx_lstm_s16x8_tflite(const sx_lstm_s16x8 *p, const int8_t *const rows[], int8_t *out, int8_t *hidden, int8_t *cell,
                          int8_t *scratch);

#endif
