# SPDX-License-Identifier: Apache-2.0
"""Recurrent operators; states are inputs and outputs."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.operator import SVDF, SequenceLSTM
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.recurrent import fixed_point_lstm, fixed_point_svdf
from sconnx.reference.rule import Rule
from sconnx.reference.run import Run

Array = NDArray[Any]


@quantized(SVDF)
def svdf(run: Run) -> tuple[Array, Array]:
    _only_tflite(run)
    x, features, time, *bias, state = run.node.inputs
    assert features is not None and time is not None
    s_features, s_time = (float(run.params.scale[weights][0]) for weights in (features, time))
    y = run.affine(run.node.outputs[0])
    function = fixed_point_svdf(run.affine(x), s_features, s_time, run.affine(state), y)
    values = [None if tensor is None else run.values[tensor] for tensor in (x, features, time, *bias, state)]
    bias_value = values[3] if bias else None
    assert values[0] is not None and values[1] is not None and values[2] is not None and values[-1] is not None
    rank = cast(SVDF, run.node.operator).rank
    return function(values[0], values[1], values[2], bias_value, values[-1], rank)


@quantized(SequenceLSTM)
def lstm(run: Run) -> tuple[Array, Array, Array]:
    _only_tflite(run)
    operator = cast(SequenceLSTM, run.node.operator)
    x, w, r, bias, h, c = run.node.inputs[:6]
    assert x is not None and w is not None and r is not None and h is not None and c is not None
    function = fixed_point_lstm(
        run.affine(x),
        run.params.scale[w],
        run.params.scale[r],
        run.affine(h),
        run.affine(c).scale,
        operator.cell_clip,
        wide=run.values[x].dtype == np.int16,
    )
    weights, recurrent = run.values[w], run.values[r]
    biases = np.zeros(2 * len(weights), np.int64) if bias is None else run.values[bias].astype(np.int64)
    hidden, cell, steps = run.values[h], run.values[c], []
    for step in run.values[x]:
        hidden, cell = function.step(step, weights, recurrent, biases, hidden, cell)
        steps.append(hidden)
    return np.stack(steps), hidden, cell


def _only_tflite(run: Run) -> None:
    if run.rule is not Rule.TFLITE:
        raise ValueError(f"{run.node.type} of integers is computed by the rule of TFLite only")
