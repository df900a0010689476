# SPDX-License-Identifier: Apache-2.0
"""LSTM, GRU and RNN: one node for each direction, in float32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from sconnx.frontend.onnx.call import Call, Translation, translates
from sconnx.frontend.onnx.computed import emitter
from sconnx.frontend.onnx.movers import reshaped, transposed
from sconnx.frontend.onnx.pad import padded
from sconnx.frontend.onnx.parts import joined
from sconnx.frontend.onnx.slicing import sliced
from sconnx.frontend.onnx.values import Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import wide_axes
from sconnx.graph.operator import Recurrent, SequenceGRU, SequenceLSTM, SequenceRNN
from sconnx.graph.tensor import DType

ACTIVATIONS = {SequenceRNN: ("Tanh",), SequenceGRU: ("Sigmoid", "Tanh"), SequenceLSTM: ("Sigmoid", "Tanh", "Tanh")}
"""Those of one direction that a model without the attribute has."""
PLAIN_ACTIVATIONS = {"sigmoid", "tanh", "relu"}
"""Those that take no numbers of their own."""
X, W, R, B, LENGTHS, H, C, P = range(8)
"""Positions of the inputs."""
DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
Type = type[SequenceRNN] | type[SequenceGRU] | type[SequenceLSTM]


@dataclass(frozen=True, slots=True)
class Sequences:
    """What runs through time: x [T,N,I] and the states at its begin [N,H]."""

    x: Value
    states: tuple[Value, ...]


def _recurrent(operator: Type) -> Translation:
    def translate(call: Call) -> tuple[Value, ...]:
        """Y [T,D,N,H], Y_h [D,N,H], and of an LSTM Y_c [D,N,H]; with layout 1, N comes first."""
        batch_first = bool(call.integer("layout", 0))
        x, recurrent = call.value(X), call.constant(R, "weights")
        if len(x.dims) != 3 or len(recurrent.dims) != 3:
            raise Unsupported(f"its input has dims {x.dims} and its weights {recurrent.dims}, not three dimensions")
        x = transposed(call, x, (1, 0, 2)) if batch_first else x
        directions = DIRECTIONS.get(call.string("direction", "forward"))
        if directions is None:
            raise Unsupported(f"direction is {call.string('direction', '')!r}")
        hidden = recurrent.dims[-1]
        results = []
        for place, reverse in enumerate(directions):
            states = tuple(
                _state(call, position, place, (len(directions), x.dims[1], hidden), batch_first=batch_first)
                for position in ((H, C) if operator is SequenceLSTM else (H,))
            )
            run = partial(_direction, call, _operator(call, operator, place, len(directions), reverse=reverse), place)
            results.append(_by_lengths(call, run, Sequences(x, states)))
        dims = (x.dims[0], 1, x.dims[1], hidden)
        y = joined(call, [reshaped(call, result[0], dims) for result in results], 1)
        lasts = [
            joined(call, [reshaped(call, result[which], dims[1:]) for result in results], 0)
            for which in range(1, len(results[0]))
        ]
        if batch_first:
            return transposed(call, y, (2, 0, 1, 3)), *(transposed(call, last, (1, 0, 2)) for last in lasts)
        return y, *lasts

    return translate


def _operator(call: Call, operator: Type, place: int, directions: int, *, reverse: bool) -> Recurrent:
    """With the attributes of one direction."""
    names = call.strings("activations") or ACTIVATIONS[operator] * directions
    count = len(ACTIVATIONS[operator])
    own = tuple(name.lower() for name in names[place * count : (place + 1) * count])
    if len(own) != count or not PLAIN_ACTIVATIONS.issuperset(own):
        raise Unsupported(f"activations {list(names)} are not {count} of Sigmoid, Tanh and Relu for each direction")
    clip = call.real_number("clip", 0.0)
    if operator is SequenceGRU:
        before = bool(call.integer("linear_before_reset", 0))
        return SequenceGRU(activations=own, reverse=reverse, clip=clip, linear_before_reset=before)
    if operator is SequenceLSTM:
        coupled = bool(call.integer("input_forget", 0))
        return SequenceLSTM(activations=own, reverse=reverse, clip=clip, coupled=coupled)
    return operator(activations=own, reverse=reverse, clip=clip)


def _state(call: Call, position: int, place: int, dims: tuple[int, int, int], *, batch_first: bool) -> Value:
    """The state at the begin of one direction: [N,H]; 0 when there is none."""
    value = call.optional(position)
    if value is None:
        return Folded(f"{call.node.output[0] or call.node.op_type}/zeros", np.zeros(dims[1:], np.float32))
    value = transposed(call, value, (1, 0, 2)) if batch_first and len(value.dims) == 3 else value
    if value.dims != dims:
        raise Unsupported(f"input {call.name(position)} has dims {value.dims}, not {dims}")
    part = sliced(call, value, [range(place, place + 1), range(dims[1]), range(dims[2])])
    return reshaped(call, part, dims[1:])


def _by_lengths(call: Call, run: partial[tuple[Value, ...]], sequences: Sequences) -> tuple[Value, ...]:
    """As many steps of each sequence as `sequence_lens` says; what is behind them is 0."""
    steps, batch, _ = sequences.x.dims
    lengths = call.constant_integers(LENGTHS, "sequence_lens")
    if lengths is None or all(length == steps for length in lengths):
        return run(sequences)
    if len(lengths) != batch or not all(1 <= length <= steps for length in lengths):
        raise Unsupported(f"sequence_lens {list(lengths)} do not fit {batch} sequences of {steps} steps")
    if len(set(lengths)) == 1:
        return _shortened(call, run, sequences, lengths[0])
    alone = [_shortened(call, run, _one(call, sequences, which), length) for which, length in enumerate(lengths)]
    return tuple(joined(call, list(parts), len(parts[0].dims) - 2) for parts in zip(*alone, strict=True))


def _one(call: Call, sequences: Sequences, which: int) -> Sequences:
    """One sequence of the batch."""
    at = range(which, which + 1)
    x = sequences.x
    return Sequences(
        sliced(call, x, [range(x.dims[0]), at, range(x.dims[2])]),
        tuple(sliced(call, state, [at, range(state.dims[1])]) for state in sequences.states),
    )


def _shortened(call: Call, run: partial[tuple[Value, ...]], sequences: Sequences, length: int) -> tuple[Value, ...]:
    x = sequences.x
    steps, batch, inputs = x.dims
    first = sliced(call, x, [range(length), range(batch), range(inputs)])
    y, *lasts = run(Sequences(first, sequences.states))
    return padded(call, y, (0, 0, 0), (steps - length, 0, 0)), *lasts


def _direction(call: Call, operator: Recurrent, place: int, sequences: Sequences) -> tuple[Value, ...]:
    """The outputs of one direction: y [T,N,H] and the last states [N,H]."""
    writer = call.writer
    constants = [_weights(call, operator, position, place) for position in (W, R, B)]
    peepholes = None if call.optional(P) is None else _weights(call, operator, P, place)
    flat = [constant for constant in constants if constant is not None]
    operator.hidden_units([sequences.x.dims, *(constant.dims for constant in flat)])

    @cache
    def emitted() -> tuple[View, ...]:
        views = [call.real_of(value) for value in (sequences.x, *flat, *sequences.states)]
        tensors: list[int | None] = [writer.in_order(view) for view in views]
        if constants[-1] is None:
            tensors.insert(B, None)
        if peepholes is not None:
            tensors.append(writer.in_order(call.real_of(peepholes)))
        names = [f"{call.node.name or call.node.op_type}/{what}" for what in ("y", "h", "c")][
            : 1 + len(sequences.states)
        ]
        outputs = writer.node_of_many(operator, tuple(tensors), None, call.index, DType.FLOAT32, names)
        dims = [writer.builder.tensors[output].dims for output in outputs]
        return tuple(View(output, own, wide_axes(own)) for output, own in zip(outputs, dims, strict=True))

    steps, batch, _ = sequences.x.dims
    hidden = sequences.states[0].dims[1]
    dims = [(steps, batch, hidden), *[(batch, hidden)] * len(sequences.states)]
    return tuple(Pending(own, emitter(call, None, partial(_nth, emitted, which))) for which, own in enumerate(dims))


def _nth(views: Callable[[], Sequence[View]], which: int) -> View:
    return views()[which]


def _weights(call: Call, operator: Recurrent, position: int, place: int) -> Folded | None:
    """Constants of one direction; None when they are absent."""
    if call.optional(position) is None:
        if position in (W, R):
            raise Unsupported(f"input {position} is missing")
        return None
    constant = call.constant(position, "weights")
    numbers = constant.real()
    if numbers.ndim != (3 if position in (W, R) else 2) or numbers.shape[0] <= place:
        raise Unsupported(f"{call.name(position)} has dims {constant.dims}, which do not fit {operator.type_name}")
    return Folded(constant.name, numbers[place])


translates("LSTM")(_recurrent(SequenceLSTM))
translates("GRU")(_recurrent(SequenceGRU))
translates("RNN")(_recurrent(SequenceRNN))
