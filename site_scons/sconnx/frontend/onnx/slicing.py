# SPDX-License-Identifier: Apache-2.0
"""Parts of a tensor: Slice, Gather and its kin, ScatterND. Quantisation passes through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sconnx.frontend.onnx import scatter
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.movers import reshaped, through
from sconnx.frontend.onnx.values import Folded, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from, order_of, wide_axes
from sconnx.graph.operator import Dims, Gather, GatherElements, GatherND, Operator, ScatterND, Slice

INT32_MAX = 2**31 - 1


@translates("Slice")
def slice_(call: Call) -> Value:
    """Starts and ends are attributes until opset 9, then inputs; beyond the dimension they are its ends."""
    value = call.value(0)
    count = len(value.dims)
    if call.opset < 10:
        starts, ends, axes, steps = call.integers("starts"), call.integers("ends"), call.integers("axes"), None
    else:
        starts, ends = call.constant_integers(1, "starts"), call.constant_integers(2, "ends")
        axes, steps = call.constant_integers(3, "axes"), call.constant_integers(4, "steps")
    if starts is None or ends is None:
        raise Unsupported("starts or ends are missing")
    axes = tuple(range(len(starts))) if axes is None else axes_from(count, axes)
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or len(axes) > count or 0 in steps:
        raise Unsupported(
            f"starts {list(starts)}, ends {list(ends)} and steps {list(steps)} do not fit {count} dimensions"
        )
    ranges = [range(dim) for dim in value.dims]
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        ranges[axis] = range(value.dims[axis])[slice(start, end, step)]
    return sliced(call, value, ranges)


def sliced(call: Call, value: Value, ranges: Sequence[range]) -> Value:
    """The elements at some indices of each dimension. Nothing at all is a constant."""
    dims = tuple(map(len, ranges))
    if isinstance(value, Folded) or 0 in dims:
        return call.empty(value, dims) if 0 in dims else _of_constant(call, value, ranges)
    if dims == value.dims and all(part.step > 0 for part in ranges):
        return value

    def move(view: View) -> View:
        tensor, axes = call.writer.layout(view)
        operator = Slice(
            starts=tuple(ranges[axis].start for axis in axes),
            sizes=tuple(dims[axis] for axis in axes),
            steps=tuple(ranges[axis].step if dims[axis] > 1 else 1 for axis in axes),
        )
        return View(call.writer.mover(operator, (tensor,), call.index), dims, order_of(axes, dims))

    return through(call, value, dims, move)


def _of_constant(call: Call, value: Value, ranges: Sequence[range]) -> Value:
    assert isinstance(value, Folded)
    return Folded(value.name, value.real()[np.ix_(*ranges)] if ranges else value.real())


@translates("Gather")
def gather(call: Call) -> Value:
    """By constant indices at even distances it is a slice."""
    value, indices = call.value(0), call.value(1)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", 0),))
    dims = (*value.dims[:axis], *indices.dims, *value.dims[axis + 1 :])
    if isinstance(indices, Folded) and not isinstance(value, Folded):
        places = _places(indices, value.dims[axis])
        part = _evenly(places)
        if part is not None:
            ranges = [range(dim) for dim in value.dims]
            ranges[axis] = part
            return reshaped(call, sliced(call, value, ranges), dims)
        indices = Folded(indices.name, places.reshape(indices.dims).astype(np.int32))
    return _picked(call, value, Gather(axis=axis), indices, dims)


def _places(indices: Folded, length: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Constant indices, flat and from 0."""
    if indices.value.dtype.kind not in "iu":
        raise Unsupported(f"its indices are {indices.value.dtype}, not integers")
    flat = indices.value.reshape(-1).astype(np.int64)
    if flat.size == 0 or flat.min() < -length or flat.max() >= length:
        raise Unsupported(f"its indices are not all in a dimension of {length}")
    return np.where(flat < 0, flat + length, flat)


def _evenly(places: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> range | None:
    """Places as a range, when they are one."""
    if places.size == 1:
        return range(int(places[0]), int(places[0]) + 1)
    step = int(places[1] - places[0])
    if step == 0 or not np.all(np.diff(places) == step):
        return None
    return range(int(places[0]), int(places[-1]) + (1 if step > 0 else -1), step)


def _picked(call: Call, value: Value, operator: Operator, indices: Value, dims: Dims) -> Value:
    """An operator that reads elements, in ONNX's order of dimensions, at computed or constant indices."""
    places = call.plain_of(_narrow(indices))

    def move(view: View) -> View:
        tensors = (call.writer.in_order(view), call.writer.in_order(places))
        return View(call.writer.mover(operator, tensors, call.index), dims, wide_axes(dims))

    return through(call, value, dims, move)


def _narrow(indices: Value) -> Value:
    """Constant indices as int32."""
    if isinstance(indices, Folded) and indices.value.dtype.kind in "iu" and np.all(np.abs(indices.value) < INT32_MAX):
        return Folded(indices.name, indices.value.astype(np.int32))
    return indices


@translates("GatherElements")
def gather_elements(call: Call) -> Value:
    value, indices = call.value(0), call.value(1)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", 0),))
    operator = GatherElements(axis=axis)
    return _picked(call, value, operator, indices, operator.output_dims([value.dims, indices.dims]))


@translates("GatherND")
def gather_nd(call: Call) -> Value:
    value, indices = call.value(0), call.value(1)
    operator = GatherND(batch_dims=call.integer("batch_dims", 0))
    return _picked(call, value, operator, indices, operator.output_dims([value.dims, indices.dims]))


@translates("ScatterND")
def scatter_nd(call: Call) -> Value:
    """Of float32, or of another type that stands for itself."""
    if call.string("reduction", "none") != "none":
        return scatter.scatter_nd(call)
    value, updates = call.value(0), call.value(2)
    if call.dtype(value) is not call.dtype(updates):
        raise Unsupported(f"its inputs are {call.dtype(value).value} and {call.dtype(updates).value}")
    views = [call.plain(0), call.plain_of(_narrow(call.value(1))), call.plain(2)]
    tensors = tuple(call.writer.in_order(view) for view in views)
    output = call.writer.node(ScatterND(), tensors, None, call.index, call.writer.dtype(views[0]))
    return Tracked(View(output, value.dims, wide_axes(value.dims)), real=call.as_value(views[0]).real)
