# SPDX-License-Identifier: Apache-2.0
"""Sequences of recurrent cells, and SVDF, in float64. Formulas: ONNX's LSTM, GRU and RNN; TFLite's SVDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sconnx.graph.operator import SVDF, Recurrent, SequenceGRU, SequenceLSTM, SequenceRNN
from sconnx.reference.plain.activation import activate
from sconnx.reference.plain.registry import Array, plain

Function = Callable[[Array], Array]

FUNCTIONS: dict[str, Function] = {
    "sigmoid": lambda x: np.asarray(1 / (1 + np.exp(-x))),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
}
"""The activations of gates, by ONNX's names in lower case."""


@plain(SequenceRNN)
def sequence_rnn(
    operator: SequenceRNN, x: Array, w: Array, r: Array, bias: Array | None, h: Array
) -> tuple[Array, Array]:
    (f,) = _functions(operator)
    w_bias, r_bias = _biases(bias, len(w))
    y = np.zeros((*x.shape[:2], r.shape[1]))
    for step in _steps(operator, x):
        h = f(x[step] @ w.T.astype(np.float64) + w_bias + h @ r.T.astype(np.float64) + r_bias)
        y[step] = h
    return y, h


@plain(SequenceGRU)
def sequence_gru(
    operator: SequenceGRU, x: Array, w: Array, r: Array, bias: Array | None, h: Array
) -> tuple[Array, Array]:
    f, g = _functions(operator)
    units = r.shape[1]
    w_bias, r_bias = _biases(bias, len(w))
    r_gates, r_hidden = r[: 2 * units].T.astype(np.float64), r[2 * units :].T.astype(np.float64)
    y = np.zeros((*x.shape[:2], units))
    for step in _steps(operator, x):
        of_x = x[step] @ w.T.astype(np.float64) + w_bias
        gates = f(of_x[:, : 2 * units] + h @ r_gates + r_bias[: 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        if operator.linear_before_reset:
            of_h = reset * (h @ r_hidden + r_bias[2 * units :])
        else:
            of_h = (reset * h) @ r_hidden + r_bias[2 * units :]
        h = (1 - update) * g(of_x[:, 2 * units :] + of_h) + update * h
        y[step] = h
    return y, h


@plain(SequenceLSTM)
def sequence_lstm(
    operator: SequenceLSTM,
    x: Array,
    w: Array,
    r: Array,
    bias: Array | None,
    h: Array,
    c: Array,
    peepholes: Array | None = None,
) -> tuple[Array, Array, Array]:
    f, g, of_cell = _functions(operator)
    w_bias, r_bias = _biases(bias, len(w))
    peep_i, peep_o, peep_f = np.split(np.zeros(3 * r.shape[1]) if peepholes is None else peepholes, 3)
    y = np.zeros((*x.shape[:2], r.shape[1]))
    for step in _steps(operator, x):
        sums = x[step] @ w.T.astype(np.float64) + w_bias + h @ r.T.astype(np.float64) + r_bias
        sum_i, sum_o, sum_f, sum_c = np.split(sums, 4, axis=1)
        gate_i = f(sum_i + peep_i * c)
        gate_f = 1 - gate_i if operator.coupled else f(sum_f + peep_f * c)
        c = gate_f * c + gate_i * g(sum_c)
        if operator.cell_clip > 0:
            c = np.clip(c, -operator.cell_clip, operator.cell_clip)
        h = f(sum_o + peep_o * c) * of_cell(c)
        y[step] = h
    return y, h, c


@plain(SVDF)
def svdf(
    operator: SVDF, x: Array, features: Array, time: Array, bias: Array | None, state: Array
) -> tuple[Array, Array]:
    filters, memory = time.shape
    latest = x.astype(np.float64) @ features.T
    kept = state.reshape(len(x), filters, memory)[:, :, 1:]
    following = np.concatenate([kept, latest[:, :, np.newaxis]], axis=2)
    weighed = (following * time).sum(axis=2).reshape(len(x), -1, operator.rank).sum(axis=2)
    y = weighed if bias is None else weighed + bias
    return activate(y, operator.activation), following.reshape(state.shape)


def _functions(operator: Recurrent) -> tuple[Function, ...]:
    """The activations; those of sums after clipping these, but not that of a cell (as ONNX Runtime)."""

    def clipped(function: Function) -> Function:
        return lambda sums: function(np.clip(sums, -operator.clip, operator.clip))

    functions = [FUNCTIONS[name] for name in operator.activations]
    clips = operator.clip > 0
    return tuple(clipped(function) if clips and place < 2 else function for place, function in enumerate(functions))


def _biases(bias: Array | None, count: int) -> tuple[Array, Array]:
    """Of the weights and of the recurrent weights."""
    return (np.zeros(count), np.zeros(count)) if bias is None else (bias[:count], bias[count:])


def _steps(operator: Recurrent, x: Array) -> Iterator[int]:
    return iter(range(len(x) - 1, -1, -1) if operator.reverse else range(len(x)))
