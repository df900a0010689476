# SPDX-License-Identifier: Apache-2.0
"""Recurrent operators. State is an input and an output; what it is between runs is the graph's business."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.graph.operator.base import Activation, Dims, Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrent(Operator, stands_for_others=True):
    """Inputs: x [T,N,I], weights w [G*H,I], recurrent weights r [G*H,H], optional bias [2*G*H] (of w, then of r), h [N,H], ...

    Outputs: y [T,N,H], the last h [N,H], ...; G gates of H hidden units, one direction.

    Args:
        reverse: from the last step to the first; y stays in the order of x.
        activations: of the gates, as ONNX names and orders them, in lower case.
        clip: limits sums before their activations to -clip..clip; 0: no limit.
    """

    activations: tuple[str, ...]
    reverse: bool = False
    clip: float = 0.0

    def hidden_units(self, inputs: Sequence[Dims]) -> int:
        """H. Raises ValueError when the weights do not fit x."""
        x, w, r = inputs[0], inputs[1], inputs[2]
        if len(x) != 3 or len(w) != 2 or len(r) != 2 or w[0] != r[0] or w[1] != x[2] or r[0] % r[1]:
            raise ValueError(f"weights {w} and {r} do not fit an input {x}")
        return r[1]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return self.dims_of_outputs(inputs)[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        hidden, (steps, batch, _) = self.hidden_units(inputs), inputs[0]
        return (steps, batch, hidden), (batch, hidden)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return inputs[0][0] * inputs[0][1] * (math.prod(inputs[1]) + math.prod(inputs[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRNN(Recurrent):
    """h = f(w x + r h + bias)."""

    activations: tuple[str, ...] = ("tanh",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGRU(Recurrent):
    """Gates z, r, h in this order: h = (1 - z) * g(w_h x + r_h (r * h) + biases) + z * h.

    Args:
        linear_before_reset: r * (r_h h + bias) instead of r_h (r * h) + bias.
    """

    activations: tuple[str, ...] = ("sigmoid", "tanh")
    linear_before_reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceLSTM(Recurrent):
    """Gates i, o, f, c in this order. Inputs go on with c [N,H] and optional peepholes [3*H] of i, o, f; output 3 is the last c.

    Args:
        cell_clip: limits the cell state; 0: no limit.
        coupled: f = 1 - i.
    """

    activations: tuple[str, ...] = ("sigmoid", "tanh", "tanh")
    cell_clip: float = 0.0
    coupled: bool = False

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        y, last = super(SequenceLSTM, self).dims_of_outputs(inputs)
        return y, last, last


@dataclass(frozen=True, slots=True, kw_only=True)
class SVDF(Operator):
    """Inputs: x [N,I], weights of features [F,I], weights of time [F,M], optional bias [F/rank], state [N,F*M].

    Each of F filters keeps its last M products w x and weighs them by time; `rank` filters add up to one unit.
    Outputs: y [N,F/rank], the next state [N,F*M].
    """

    rank: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return self.dims_of_outputs(inputs)[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        x, features, time, state = inputs[0], inputs[1], inputs[2], inputs[-1]
        filters = features[0]
        fits = len(x) == len(features) == len(time) == 2 and x[1] == features[1] and time[0] == filters
        if not fits or filters % self.rank or state != (x[0], filters * time[1]):
            raise ValueError(f"weights {features} and {time} and state {state} do not fit an input {x}")
        return (x[0], filters // self.rank), state

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return inputs[0][0] * (math.prod(inputs[1]) + math.prod(inputs[2]))
