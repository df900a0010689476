# SPDX-License-Identifier: Apache-2.0
"""If, Loop and Scan: the branch that a constant chooses; bodies that run a known number of times, one behind the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx

from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.parts import joined
from sconnx.frontend.onnx.slicing import sliced
from sconnx.frontend.onnx.values import Folded, Unsupported, Value
from sconnx.frontend.onnx.writer import axes_from

CONTROL = ("If", "Loop", "Scan")
MOST_ROUNDS = 512
"""Each round has its own nodes in the firmware."""

Inside = Callable[[onnx.GraphProto, Mapping[str, Value]], Sequence[Value]]
"""Gives the outputs of a graph inside of a node for the values of its inputs."""


def controlled(call: Call, inside: Inside) -> Sequence[Value]:
    """The outputs of a node of `CONTROL`."""
    return {"If": _if, "Loop": _loop, "Scan": _scan}[call.node.op_type](call, inside)


def _graph(call: Call, name: str) -> onnx.GraphProto:
    for attribute in call.node.attribute:
        if attribute.name == name and attribute.HasField("g"):
            found: onnx.GraphProto = attribute.g
            return found
    raise Unsupported(f"it has no {name}")


def _number(value: Value | None) -> int | None:
    """A constant number; None when it is computed."""
    return int(value.value.reshape(-1)[0]) if isinstance(value, Folded) and value.value.size == 1 else None


def _if(call: Call, inside: Inside) -> Sequence[Value]:
    condition = _number(call.value(0))
    if condition is None:
        raise Unsupported("its condition must be constant, known at build time: firmware has no branches of a graph")
    return inside(_graph(call, "then_branch" if condition else "else_branch"), {})


def _loop(call: Call, inside: Inside) -> Sequence[Value]:
    """The body gets the number of the round, a condition and what is carried; it gives a condition, what is carried, results."""
    body, states = _graph(call, "body"), [call.value(position) for position in range(2, len(call.inputs))]
    count = None if call.optional(0) is None else _number(call.value(0))
    if call.optional(0) is not None and count is None:
        raise Unsupported("its number of rounds must be constant, known at build time")
    condition: Value | None = call.optional(1)
    rounds: list[Sequence[Value]] = []
    while count is None or len(rounds) < count:
        goes_on = 1 if condition is None else _number(condition)
        if goes_on is None or len(rounds) == MOST_ROUNDS:
            raise Unsupported(f"its number of rounds must be known at build time, and at most {MOST_ROUNDS}")
        if not goes_on:
            break
        given: list[Value] = [_scalar("round", len(rounds), np.int64), _scalar("condition", True, np.bool_), *states]
        condition, *rest = inside(body, _bound(body, given))
        states, results = rest[: len(states)], rest[len(states) :]
        rounds.append(results)
    if not rounds and len(body.output) > 1 + len(states):
        raise Unsupported("it has results of no rounds at all")
    return [*states, *(_stacked(call, parts, 0) for parts in zip(*rounds, strict=True))]


def _scalar(name: str, number: int, dtype: type[np.generic]) -> Folded:
    return Folded(name, np.array(number, dtype))


def _bound(body: onnx.GraphProto, values: Sequence[Value]) -> dict[str, Value]:
    if len(body.input) != len(values):
        raise Unsupported(f"its body has {len(body.input)} inputs, not {len(values)}")
    return {entry.name: value for entry, value in zip(body.input, values, strict=True)}


def _scan(call: Call, inside: Inside) -> Sequence[Value]:
    """The body gets what is carried and one part of each sequence; it gives what is carried and one part of each result."""
    if call.opset < 9:
        raise Unsupported(
            "until opset 8 it has lengths of sequences, which are not supported; export with a newer opset"
        )
    body, count = _graph(call, "body"), call.integer("num_scan_inputs", 0)
    values = [call.value(position) for position in range(len(call.inputs))]
    if not 0 < count <= len(values):
        raise Unsupported(f"it has {len(values)} inputs and {count} sequences")
    states, sequences = values[: len(values) - count], values[len(values) - count :]
    axes = _axes(call, "scan_input_axes", [len(sequence.dims) for sequence in sequences])
    backwards = call.integers("scan_input_directions") or (0,) * count
    lengths = {sequence.dims[axis] for sequence, axis in zip(sequences, axes, strict=True)}
    if len(lengths) != 1 or len(backwards) != count or max(lengths) > MOST_ROUNDS:
        raise Unsupported(f"its sequences are {sorted(lengths)} long; they must be equal, and at most {MOST_ROUNDS}")
    rounds: list[Sequence[Value]] = []
    for step in range(*lengths):
        at = [step if not back else max(lengths) - 1 - step for back in backwards]
        parts = [_part(call, *each) for each in zip(sequences, axes, at, strict=True)]
        outputs = list(inside(body, _bound(body, [*states, *parts])))
        states, results = outputs[: len(states)], outputs[len(states) :]
        rounds.append(results)
    columns = list(zip(*rounds, strict=True))
    turned = call.integers("scan_output_directions") or (0,) * len(columns)
    columns = [column[::-1] if back else column for column, back in zip(columns, turned, strict=True)]
    places = _axes(call, "scan_output_axes", [len(column[0].dims) + 1 for column in columns])
    return [*states, *(_stacked(call, column, axis) for column, axis in zip(columns, places, strict=True))]


def _axes(call: Call, name: str, counts: Sequence[int]) -> tuple[int, ...]:
    """One axis for each of some tensors, by their number of dimensions; 0 without the attribute."""
    given = call.integers(name) or (0,) * len(counts)
    if len(given) != len(counts):
        raise Unsupported(f"{name} {list(given)} does not fit {len(counts)} tensors")
    return tuple(axes_from(count, (axis,))[0] for count, axis in zip(counts, given, strict=True))


def _part(call: Call, value: Value, axis: int, at: int) -> Value:
    """One index of a dimension, without the dimension."""
    dims = value.dims
    part = sliced(call, value, [range(at, at + 1) if place == axis else range(dim) for place, dim in enumerate(dims)])
    return reshaped(call, part, (*dims[:axis], *dims[axis + 1 :]))


def _stacked(call: Call, parts: Sequence[Value], axis: int) -> Value:
    """Values behind each other along a new dimension."""
    dims = parts[0].dims
    return joined(call, [reshaped(call, part, (*dims[:axis], 1, *dims[axis:])) for part in parts], axis)
