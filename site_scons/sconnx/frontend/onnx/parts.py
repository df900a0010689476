# SPDX-License-Identifier: Apache-2.0
"""Concat and Split. A part that is quantised otherwise than the whole gets a Requantize of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.computed import emitter, integer_limits
from sconnx.frontend.onnx.movers import through
from sconnx.frontend.onnx.operands import plain, real
from sconnx.frontend.onnx.rescale import rescaled
from sconnx.frontend.onnx.scales import quantize
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer, axes_from, order_of, orders
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Concat, Dims, Split
from sconnx.graph.tensor import DType


@translates("Concat")
def concat(call: Call) -> Value:
    values = [call.value(position) for position in range(max(len(call.inputs), 1))]
    values = [value for value in values if 0 not in value.dims] or values[:1]
    count = len(values[0].dims)
    (axis,) = axes_from(count, (call.integer("axis", 1 if call.opset < 4 else count),))
    return joined(call, values, axis)


def joined(call: Call, values: Sequence[Value], axis: int) -> Value:
    """Whatever follows, a change of quantisation or a clamp, is done to each part."""
    dims = Concat(axis=axis).output_dims([value.dims for value in values])
    if len(values) == 1:
        return values[0]
    constants = [value for value in values if isinstance(value, Folded)]
    if len(constants) == len(values):
        return _constant(call, constants, axis)
    types = {call.dtype(value) for value in values}
    if len(types) > 1:
        raise Unsupported(f"its inputs are {' and '.join(sorted(dtype.value for dtype in types))}")
    if types != {DType.FLOAT32}:
        return _of_one_type(call, values, axis)
    different = {id(value): _part(call, value) for value in values}
    parts = [different[id(value)] for value in values]

    def with_int8(quant: QuantValues, bounds: Bounds) -> View:
        once = {id(part): part.emit(quant, bounds) for part in different.values() if isinstance(part, Pending)}
        views = [once.get(id(part)) for part in parts]
        axes = _common_axes(call.writer, [view for view in views if view is not None])
        tensors = [0 if view is None else call.writer.stored(view, axes) for view in views]
        for position, part in enumerate(parts):
            if isinstance(part, Folded):
                integers = np.clip(quantize(part.real(), quant), *integer_limits(bounds, quant)).astype(np.int8)
                tensors[position] = call.writer.builder.add_constant(part.name, integers.transpose(axes), quant)
        operator = Concat(axis=axes.index(axis))
        output = call.writer.node(operator, tuple(tensors), quant, call.index)
        return View(output, dims, order_of(axes, dims))

    def with_float32() -> View:
        return _stacked(call, [call.named(real, value) for value in values], axis)

    has_int8 = all(isinstance(part, Pending | Folded) for part in parts)
    natural = _common_quantization([part for part in parts if part is not None]) if has_int8 else None
    return Pending(dims, emitter(call, with_int8 if has_int8 else None, with_float32), natural=natural)


def _part(call: Call, value: Value) -> Pending | Folded | None:
    """An input of Concat that can still be quantised as the output is; None for float32 that is computed."""
    if not isinstance(value, Tracked):
        return value
    return rescaled(call, value.view) if call.writer.is_quantized(value.view) else None


def _of_one_type(call: Call, values: Sequence[Value], axis: int) -> Value:
    """Parts of integers or bools; those that are quantised alike stay so."""
    quants = {_key(call, value) for value in values}
    if len(quants) == 1 and None not in quants:
        output = _stacked(call, [value.view for value in values if isinstance(value, Tracked)], axis)
        unsigned = any(isinstance(value, Tracked) and value.unsigned for value in values)
        return Tracked(output, real=False, unsigned=unsigned)
    return call.as_value(_stacked(call, [call.named(plain, value) for value in values], axis))


def _key(call: Call, value: Value) -> tuple[bytes, bytes] | None:
    """What tells a quantisation from others."""
    if not isinstance(value, Tracked):
        return None
    quant = call.writer.builder.quantizations.get(value.view.tensor)
    return None if quant is None else (quant.scale.tobytes(), quant.zero_point.tobytes())


def _stacked(call: Call, views: Sequence[View], axis: int) -> View:
    """Tensors of one type and quantisation, one behind the other."""
    writer = call.writer
    axes = _common_axes(writer, views)
    dims = Concat(axis=axis).output_dims([view.dims for view in views])
    tensors = tuple(writer.stored(view, axes) for view in views)
    quant = writer.builder.quantizations.get(tensors[0])
    output = writer.node(Concat(axis=axes.index(axis)), tensors, quant, call.index, writer.dtype(views[0]))
    return View(output, dims, order_of(axes, dims))


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
        transposed = sum(order_of(axes, view.dims) != view.order for view in views)
        reshaped = sum(
            tuple(view.dims[axis] for axis in axes) != dims for view, dims in zip(views, stored, strict=True)
        )
        return transposed, reshaped

    count = len(views[0].dims)
    own = [(*(axis for axis in range(count) if axis not in view.order), *view.order) for view in views]
    return min((*orders(count), *own), key=moves)


@translates("Split")
def split(call: Call) -> tuple[Value, ...]:
    """Quantisation passes through."""
    value = call.value(0)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", 0),))
    sizes = _sizes(call, value.dims[axis])
    full = tuple(size for size in sizes if size > 0)
    parts = Split(axis=axis, sizes=full).dims_of_outputs([value.dims])
    if len(full) < len(sizes):
        results = iter(_split(call, value, axis, full, parts))
        dims = list(value.dims)
        dims[axis] = 0
        return tuple(next(results) if size else call.empty(value, tuple(dims)) for size in sizes)
    return _split(call, value, axis, sizes, parts)


def _split(call: Call, value: Value, axis: int, sizes: Dims, parts: Sequence[Dims]) -> tuple[Value, ...]:
    if len(sizes) == 1:
        return (value,)
    if isinstance(value, Folded):
        if value.quantization is not None and value.quantization.axis == axis:
            value = Folded(value.name, value.real())
        values = np.split(value.value, list(accumulate(sizes))[:-1], axis)
        return tuple(Folded(value.name, part, value.quantization) for part in values)
    cut: dict[int, tuple[View, ...]] = {}

    def part(position: int, view: View) -> View:
        if view.tensor not in cut:
            cut[view.tensor] = _cut(call, view, axis, sizes)
        return cut[view.tensor][position]

    return tuple(through(call, value, dims, partial(part, position)) for position, dims in enumerate(parts))


def _cut(call: Call, view: View, axis: int, sizes: tuple[int, ...]) -> tuple[View, ...]:
    """The parts of a view, each a tensor of its own, stored the way the view is."""
    writer = call.writer
    tensor, axes = writer.layout(view)
    operator = Split(axis=axes.index(axis), sizes=sizes)
    quant = writer.builder.quantizations.get(tensor)
    names = [name or f"{call.node.op_type}/{place}" for place, name in enumerate(call.node.output)]
    names = names if len(names) == len(sizes) else [f"{names[0]}/{place}" for place in range(len(sizes))]
    outputs = writer.node_of_many(operator, (tensor,), quant, call.index, writer.dtype(view), names)
    dims = Split(axis=axis, sizes=sizes).dims_of_outputs([view.dims])
    return tuple(View(output, own, order_of(axes, own)) for output, own in zip(outputs, dims, strict=True))


def _sizes(call: Call, length: int) -> tuple[int, ...]:
    """The length of each part: an attribute until opset 12, then an input. Without it all are equal; since opset 18 the last of
    them may be shorter.
    """
    count = len(call.node.output)
    sizes = call.integers("split") if call.opset < 13 else call.constant_integers(1, "split")
    if sizes is None:
        parts = call.integer("num_outputs", count) if call.opset >= 18 else count
        if parts != count:
            raise Unsupported(f"it has {count} outputs and {parts} parts")
        size = -(-length // max(parts, 1))
        if call.opset < 18 and length % count:
            raise Unsupported(f"a dimension of {length} does not fall into {count} equal parts")
        sizes = (*(size,) * (parts - 1), length - size * (parts - 1))
    if len(sizes) != count:
        raise Unsupported(f"it has {count} outputs and {len(sizes)} sizes")
    return sizes
