# SPDX-License-Identifier: Apache-2.0
"""The plain references of recurrent cells against ONNX Runtime, and of SVDF against tflite-micro's formula."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
from sconnx.graph import operator as op
from tests.reference.one_node import Values, by_onnxruntime, by_reference, close

STEPS, BATCH, INPUTS, UNITS = 5, 2, 3, 4


def operands(gates: int, *, has_bias: bool, seed: int) -> list[Values | None]:
    """x, w, r, bias and h of one direction."""
    rng = np.random.default_rng(seed)

    def reals(*dims: int) -> Values:
        return rng.standard_normal(dims).astype(np.float32)

    bias = reals(2 * gates * UNITS) if has_bias else None
    return [
        reals(STEPS, BATCH, INPUTS),
        reals(gates * UNITS, INPUTS),
        reals(gates * UNITS, UNITS),
        bias,
        reals(BATCH, UNITS),
    ]


def of_onnx(
    name: str, values: list[Values | None], more: tuple[Values | None, ...] = (), **attributes: Any
) -> list[Values]:
    """The outputs y [T,N,H] and [N,H] of one direction."""
    x, *weights, h = values
    lifted = [None if value is None else value[np.newaxis] for value in (*weights, h, *more)]
    inputs = [x, *lifted[:3], None, *lifted[3:]]
    outputs = 3 if name == "LSTM" else 2
    y, *last = by_onnxruntime(name, inputs, outputs, opset=14, hidden_size=UNITS, **attributes)
    return [y[:, 0], *(value[0] for value in last)]


def direction(*, reverse: bool) -> str:
    return "reverse" if reverse else "forward"


@pytest.mark.parametrize("activation", ["Tanh", "Relu", "Sigmoid"])
@pytest.mark.parametrize("reverse", [False, True])
def test_rnn(activation: str, reverse: bool) -> None:
    for has_bias, clip in itertools.product((False, True), (0.0, 0.5)):
        values = operands(1, has_bias=has_bias, seed=1)
        operator = op.SequenceRNN(activations=(activation.lower(),), reverse=reverse, clip=clip)
        more = {"clip": clip} if clip else {}
        expected = of_onnx("RNN", values, activations=[activation], direction=direction(reverse=reverse), **more)
        close(by_reference(operator, values, 2), expected)


@pytest.mark.parametrize("linear_before_reset", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("activations", [("Sigmoid", "Tanh"), ("Tanh", "Relu")])
def test_gru(activations: tuple[str, str], reverse: bool, linear_before_reset: bool) -> None:
    for has_bias, clip in itertools.product((False, True), (0.0, 0.5)):
        values = operands(3, has_bias=has_bias, seed=2)
        operator = op.SequenceGRU(
            activations=tuple(name.lower() for name in activations),
            reverse=reverse,
            clip=clip,
            linear_before_reset=linear_before_reset,
        )
        expected = of_onnx(
            "GRU",
            values,
            activations=list(activations),
            direction=direction(reverse=reverse),
            linear_before_reset=int(linear_before_reset),
            **({"clip": clip} if clip else {}),
        )
        close(by_reference(operator, values, 2), expected)


@pytest.mark.parametrize("has_peepholes", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("activations", [("Sigmoid", "Tanh", "Tanh"), ("Tanh", "Sigmoid", "Relu")])
def test_lstm(activations: tuple[str, str, str], reverse: bool, has_peepholes: bool) -> None:
    rng = np.random.default_rng(3)
    cells = rng.standard_normal((BATCH, UNITS)).astype(np.float32)
    peepholes = rng.standard_normal(3 * UNITS).astype(np.float32) if has_peepholes else None
    for has_bias, clip, coupled in itertools.product((False, True), (0.0, 0.5), (False, True)):
        values = operands(4, has_bias=has_bias, seed=3)
        operator = op.SequenceLSTM(
            activations=tuple(name.lower() for name in activations), reverse=reverse, clip=clip, coupled=coupled
        )
        expected = of_onnx(
            "LSTM",
            values,
            (cells, peepholes),
            activations=list(activations),
            direction=direction(reverse=reverse),
            input_forget=int(coupled),
            **({"clip": clip} if clip else {}),
        )
        close(by_reference(operator, [*values, cells, peepholes], 3), expected)


def test_the_cell_of_an_lstm_may_have_limits() -> None:
    values = operands(4, has_bias=True, seed=4)
    cells = np.full((BATCH, UNITS), 9, np.float32)
    _, _, last = by_reference(op.SequenceLSTM(cell_clip=0.25), [*values, cells], 3)
    assert np.abs(last).max() == 0.25


def test_svdf() -> None:
    """Two runs: unit u is the sum over its filters and their last products, each weighed by its age."""
    rng = np.random.default_rng(5)
    rank, units, memory = 2, 3, 4
    features, time = rng.standard_normal((rank * units, 5)), rng.standard_normal((rank * units, memory))
    bias, state = rng.standard_normal(units), rng.standard_normal((2, rank * units * memory))
    x, operator = rng.standard_normal((2, 2, 5)), op.SVDF(rank=rank, activation=op.Activation.RELU)
    constants = [values.astype(np.float32) for values in (features, time, bias)]
    kept = [[list(row) for row in item] for item in state.reshape(2, rank * units, memory)]
    current = state.astype(np.float32)
    for step in x:
        expected = np.zeros((2, units))
        for item, unit in np.ndindex(2, units):
            total = bias[unit]
            for filter_ in range(unit * rank, (unit + 1) * rank):
                kept[item][filter_] = [*kept[item][filter_][1:], float(features[filter_] @ step[item])]
                total += float(np.dot(kept[item][filter_], time[filter_]))
            expected[item, unit] = max(total, 0)
        y, current = by_reference(operator, [step.astype(np.float32), *constants, current], 2)
        close([y, current], [expected.astype(np.float32), np.array(kept, np.float32).reshape(2, -1)])
