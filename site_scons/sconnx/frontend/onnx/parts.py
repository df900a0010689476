# SPDX-License-Identifier: Apache-2.0
"""Concat and Split. A part that is quantised otherwise than the whole gets a Requantize of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.quantization import integer_limits, quantize, rescaled
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer, axes_from, orders, stored_axes
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Concat, Dims, Split


@translates("Concat")
def concat(call: Call) -> Value:
    """Whatever follows, a change of quantisation or a clamp, is done to each part."""
    values = [call.value(position) for position in range(max(len(call.inputs), 1))]
    count = len(values[0].dims)
    (axis,) = axes_from(count, (call.integer("axis", count),))
    dims = Concat(axis=axis).output_dims([value.dims for value in values])
    if len(values) == 1:
        return values[0]
    constants = [value for value in values if isinstance(value, Folded)]
    if len(constants) == len(values):
        return _constant(call, constants, axis)
    names = list(call.node.input)
    parts = {name: _part(call, position) for position, name in enumerate(names)}

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        views = {name: part.emit(quant, bounds) for name, part in parts.items() if isinstance(part, Pending)}
        axes = _common_axes(call.writer, list(views.values()))
        tensors = {name: call.writer.stored(view, axes) for name, view in views.items()}
        for name, part in parts.items():
            if isinstance(part, Folded):
                integers = np.clip(quantize(part.real(), quant), *integer_limits(bounds, quant)).astype(np.int8)
                tensors[name] = call.writer.builder.add_constant(name, integers.transpose(axes), quant)
        operator = Concat(axis=axes.index(axis))
        output = call.writer.node(operator, tuple(tensors[name] for name in names), quant, call.index)
        return View(output, dims, _order(axes, dims))

    return Pending(dims, emit, natural=_common_quantization(list(parts.values())))


def _part(call: Call, position: int) -> Pending | Folded:
    """An input of Concat that can still be quantised as the output is."""
    value = call.value(position)
    if isinstance(value, Pending):
        return value
    if not isinstance(value, Folded):
        return rescaled(call.writer, call.view(position), call.index)
    if value.quantization is None and value.value.dtype != np.float32:
        raise Unsupported(f"constant {call.name(position)} is {value.value.dtype}; the other inputs are quantised")
    return value


def _constant(call: Call, parts: Sequence[Folded], axis: int) -> Folded:
    """The parts, all known at build time, as one constant: real numbers, unless none of them is quantised."""
    plain = all(part.quantization is None for part in parts)
    return Folded(call.node.output[0], np.concatenate([part.value if plain else part.real() for part in parts], axis))


def _common_quantization(parts: Sequence[Pending | Folded]) -> QuantValues | None:
    """The quantisation that all parts have already, if there is one."""
    first, *others = (part.natural if isinstance(part, Pending) else part.quantization for part in parts)
    if first is None or any(other is None or not other.same_as(first) for other in others):
        return None
    return first


def _common_axes(writer: Writer, views: Sequence[View]) -> tuple[int, ...]:
    """The order of dimensions in which the fewest views have to be brought: least by moving data, then by new dims."""

    def moves(axes: tuple[int, ...]) -> tuple[int, int]:
        stored = [writer.builder.tensors[view.tensor].dims for view in views]
        transposed = sum(_order(axes, view.dims) != view.order for view in views)
        reshaped = sum(
            tuple(view.dims[axis] for axis in axes) != dims for view, dims in zip(views, stored, strict=True)
        )
        return transposed, reshaped

    return min(orders(len(views[0].dims)), key=moves)


def _order(axes: Sequence[int], dims: Dims) -> tuple[int, ...]:
    """The axes that are longer than 1."""
    return tuple(axis for axis in axes if dims[axis] > 1)


@translates("Split")
def split(call: Call) -> tuple[Value, ...]:
    """Quantisation passes through."""
    value = call.value(0)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", 0),))
    sizes = _sizes(call, value.dims[axis])
    parts = Split(axis=axis, sizes=sizes).dims_of_outputs([value.dims])
    if len(sizes) == 1:
        return (value,)
    if isinstance(value, Folded):
        if value.quantization is not None and value.quantization.axis == axis:
            raise Unsupported("a constant cannot be split along the axis of its scales")
        values = np.split(value.value, list(accumulate(sizes))[:-1], axis)
        return tuple(Folded(value.name, part, value.quantization) for part in values)
    cut: dict[int, tuple[View, ...]] = {}

    def part(position: int, view: View) -> View:
        if view.tensor not in cut:
            cut[view.tensor] = _cut(call, view, axis, sizes)
        return cut[view.tensor][position]

    return tuple(through(value, dims, partial(part, position)) for position, dims in enumerate(parts))


def _cut(call: Call, view: View, axis: int, sizes: tuple[int, ...]) -> tuple[View, ...]:
    """The parts of a view, each a tensor of its own, stored the way the view is."""
    tensor = view.tensor
    axes = stored_axes(view, call.writer.builder.tensors[tensor].dims)
    if axes is None:
        axes = (*(other for other, dim in enumerate(view.dims) if dim == 1), *view.order)
        tensor = call.writer.stored(view, axes)
    operator = Split(axis=axes.index(axis), sizes=sizes)
    outputs = call.writer.node_of_many(operator, (tensor,), call.writer.quantization(view), call.index)
    dims = Split(axis=axis, sizes=sizes).dims_of_outputs([view.dims])
    return tuple(View(output, own, _order(axes, own)) for output, own in zip(outputs, dims, strict=True))


def _sizes(call: Call, length: int) -> tuple[int, ...]:
    """The length of each part: an attribute until opset 12, then an input. Without it all are equal; since opset 18 the last of
    them may be shorter.
    """
    count = len(call.node.output)
    sizes = call.integers("split") if call.opset < 13 else call.constant_integers(1, "split")
    if sizes is None:
        parts = call.integer("num_outputs", count) if call.opset >= 18 else count
        size = -(-length // max(parts, 1))
        if call.opset < 18 and length % count:
            raise Unsupported(f"a dimension of {length} does not fall into {count} equal parts")
        sizes = (*(size,) * (parts - 1), length - size * (parts - 1))
    if len(sizes) != count:
        raise Unsupported(f"it has {count} outputs and {len(sizes)} sizes")
    return sizes
