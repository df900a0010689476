/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_RECURRENT_F32_H
#define SX_RECURRENT_F32_H

#include <stdint.h>

/** Activations of gates. */
#define SX_GATE_SIGMOID 0
#define SX_GATE_TANH 1
#define SX_GATE_RELU 2

/** Parameters of a sequence of recurrent cells of `units` units, in one direction. */
typedef struct {
    const float *weights;           /* of the input: of each gate, blocks of four units [inputs][4], then [inputs] each */
    const float *recurrent_weights; /* of the last output: likewise, with `units` inputs */
    const float *bias;              /* [gates][units] */
    const float *recurrent_bias;    /* [units], of a GRU whose reset comes after the product; else NULL */
    const float *peepholes;         /* [3][units] of an LSTM's gates i, o and f; or NULL */
    float clip;                     /* > 0: limits sums before their activations; infinite where there is no limit */
    float cell_clip;                /* > 0: limits the cells of an LSTM; likewise */
    int32_t steps;                  /* >= 1 */
    int32_t batch;                  /* >= 1 */
    int32_t inputs;                 /* >= 1 */
    int32_t units;                  /* >= 1 */
    int32_t is_reverse;             /* 1: from the last step to the first */
    int32_t is_coupled;             /* 1: of an LSTM: f = 1 - i */
    int32_t f, g, h;                /* SX_GATE_...; an RNN has f, a GRU f and g */
} sx_recurrent_f32_params;

/**
 * Sequences of cells of float32; f and g are preceded by clip(), as in ONNX Runtime:
 *
 *     RNN   y = f(w x + r h + bias)
 *     GRU   z, s = f(w x + r h + bias);  n = g(w_n x + r_n (s * h) + bias_n);  y = (1 - z) * n + z * h
 *           where the reset comes after the product, n = g(w_n x + bias_n + s * (r_n h + recurrent_bias))
 *     LSTM  i = f(w_i x + r_i h + p_i * c + bias_i), the gate f likewise;  n = g(w_c x + r_c h + bias_c);  c' = f * c + i * n
 *           o = f(w_o x + r_o h + p_o * c' + bias_o);  y = o * h(c')
 *
 * h is the last output, y, or at the first step the given one; c is the cell. Gates are in the order z, s, n and i, o, f, c.
 *
 * @param rows     rows[0] is x [steps][batch][inputs], rows[1] h [batch][units], of an LSTM rows[2] c [batch][units]
 * @param out      y [steps][batch][units], in the order of x
 * @param last     the last output [batch][units]
 * @param cell     of an LSTM: the last cell [batch][units]
 * @param scratch  float32 sums of the gates: GRU [4][units], LSTM [4][units]
 *
 * No output may overlap an input.
 */
void sx_sequence_rnn_f32(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *last);
void sx_sequence_gru_f32(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *last,
                         int8_t *scratch);
void sx_sequence_lstm_f32(const sx_recurrent_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *last,
                          int8_t *cell, int8_t *scratch);

#endif
