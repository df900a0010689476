# SPDX-License-Identifier: Apache-2.0
"""TimeDelta: what it is, how it stands in ONNX files, and its exact integer arithmetic in numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.plain import plain_node
from sconnx.frontend.onnx.values import Unsupported, Value
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Dims, Operator
from sconnx.reference.execute import Run, reference

MOST_HALVINGS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeDelta(Operator):
    """Input: x [1,T,C]. y[t] = x[t] - x[t-1], and y[0] = 0: the first frame has nothing before it.

    The output's scale is the input's times a power of two, 1 to 128, so that requantising is a shift.
    """

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if len(inputs[0]) != 3 or inputs[0][0] != 1:
            raise ValueError(f"input dims {inputs[0]} are not [1, T, C]")
        return inputs[0]


def halvings(input_scale: float, output_scale: float) -> int | None:
    """k where output_scale = input_scale * 2^k, 0 to 7; None when there is no such k."""
    mantissa, exponent = math.frexp(output_scale / input_scale)
    return exponent - 1 if mantissa == 0.5 and 0 <= exponent - 1 <= MOST_HALVINGS else None


def _check(inputs: Sequence[QuantValues], y: QuantValues) -> None:
    x = inputs[0]
    if halvings(float(x.scale[0]), float(y.scale[0])) is None:
        raise Unsupported(
            f"its output scale {y.scale[0]:g} is not 1, 2, 4 ... 128 times its input scale {x.scale[0]:g}"
        )


@translates("example.audio.TimeDelta")
def time_delta(call: Call) -> Value:
    return plain_node(call, TimeDelta(), check=_check)


@reference(TimeDelta)
def time_delta_s8(run: Run) -> NDArray[np.int8]:
    """clamp(floor((x[t] - x[t-1] + 2^(k-1)) / 2^k) + output zero point): ties up; k = 0 does not round."""
    x, scales = run.int8(0).astype(np.int32), run.scales
    shift = halvings(scales["input_scale"], scales["output_scale"])
    assert shift is not None, "the translation let it through"
    delta = np.diff(x, axis=1, prepend=x[:, :1])
    rounded = (delta + ((1 << shift) >> 1)) >> shift
    return np.clip(rounded + scales["output_zero_point"], -128, 127).astype(np.int8)
