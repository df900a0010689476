# SPDX-License-Identifier: Apache-2.0
"""Reductions over any axes, ArgMax, ArgMin, CumSum and TopK: along dimensions wherever they are stored."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.frontend.onnx.call import Call, Translation, translates
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.pooling import average_of_axes
from sconnx.frontend.onnx.values import Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    ArgMax,
    ArgMin,
    CumSum,
    Dims,
    ReduceL1,
    ReduceL2,
    ReduceLogSum,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
    Reduction,
    TopK,
)
from sconnx.graph.tensor import DType

AXES_INPUT_SINCE = {"ReduceSum": 13}
"""The opset since which the axes are an input; 18 for the others."""


def _axes(call: Call, count: int) -> tuple[int, ...]:
    """The axes to reduce, ascending; all without any, unless the node says that this means none."""
    is_attribute = call.opset < AXES_INPUT_SINCE.get(call.node.op_type, 18)
    given = call.integers("axes") if is_attribute else call.constant_integers(1, "axes")
    if not given:
        return () if call.integer("noop_with_empty_axes", 0) else tuple(range(count))
    return tuple(sorted(axes_from(count, given)))


def _reduction(operator: type[Reduction]) -> Translation:
    def translate(call: Call) -> Value:
        value = call.value(0)
        return reduced(call, operator, value, _axes(call, len(value.dims)), keep=bool(call.integer("keepdims", 1)))

    return translate


def reduced(call: Call, operator: type[Reduction], value: Value, axes: tuple[int, ...], *, keep: bool) -> Value:
    """A reduction. The mean of height and width of an image, or of the length of a sequence, is an average pooling."""
    count = len(value.dims)
    if operator is ReduceMean and (count, len(axes)) in ((4, 2), (3, 1)) and call.dtype(value) is DType.FLOAT32:
        return average_of_axes(call, value, axes, keep=keep)
    kept = [axis for axis in range(count) if keep or axis not in axes]
    dims = tuple(1 if axis in axes else value.dims[axis] for axis in kept)

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        return _reduced(call, operator, read(0), axes, dims, None if keep else kept, quant)

    if call.dtype(value) is not DType.FLOAT32:
        return call.as_value(build(lambda _: call.plain_of(value), None, Activation.NONE))
    return computed(call, dims, build, operands=(value,))


def _reduced(
    call: Call,
    operator: type[Reduction],
    view: View,
    axes: Sequence[int],
    dims: Dims,
    kept: Sequence[int] | None,
    quant: QuantValues | None,
) -> View:
    """In the stored order of dimensions; `kept` are the ones that remain when the others do not stay as 1."""
    writer = call.writer
    tensor, stored = writer.layout(view)
    places = tuple(sorted(stored.index(axis) for axis in axes))
    own = operator(axes=places, keep_dims=kept is None)
    output = writer.node(own, (tensor,), quant, call.index, writer.dtype(view))
    left = stored if kept is None else [kept.index(axis) for axis in stored if axis in kept]
    return View(output, dims, order_of(left, dims))


for _name, _class in {
    "ReduceSum": ReduceSum,
    "ReduceMean": ReduceMean,
    "ReduceMax": ReduceMax,
    "ReduceMin": ReduceMin,
    "ReduceProd": ReduceProd,
    "ReduceL1": ReduceL1,
    "ReduceL2": ReduceL2,
    "ReduceLogSum": ReduceLogSum,
    "ReduceLogSumExp": ReduceLogSumExp,
    "ReduceSumSquare": ReduceSumSquare,
}.items():
    translates(_name)(_reduction(_class))


def _arg(operator: type[ArgMax | ArgMin]) -> Translation:
    def translate(call: Call) -> Value:
        """int64 indices; of quantised elements they are those of the integers."""
        value, keep = call.value(0), bool(call.integer("keepdims", 1))
        count = len(value.dims)
        (axis,) = axes_from(count, (call.integer("axis", 0),))
        view = call.quantized(0) if call.is_quantized(0) else call.plain(0)
        tensor, stored = call.writer.layout(view)
        own = operator(axis=stored.index(axis), keep_dims=keep, last=bool(call.integer("select_last_index", 0)))
        output = call.writer.node(own, (tensor,), None, call.index, DType.INT64)
        kept = [other for other in range(count) if keep or other != axis]
        dims = tuple(1 if other == axis else value.dims[other] for other in kept)
        left = [kept.index(other) for other in stored if other in kept]
        return call.as_value(View(output, dims, order_of(left, dims)))

    return translate


translates("ArgMax")(_arg(ArgMax))
translates("ArgMin")(_arg(ArgMin))


@translates("CumSum")
def cumulative_sum(call: Call) -> Value:
    value = call.value(0)
    given = call.constant_integers(1, "axis")
    if given is None or len(given) != 1:
        raise Unsupported("its axis is not one number")
    (axis,) = axes_from(len(value.dims), given)
    exclusive, reverse = bool(call.integer("exclusive", 0)), bool(call.integer("reverse", 0))

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        view = read(0)
        tensor, stored = call.writer.layout(view)
        operator = CumSum(axis=stored.index(axis), exclusive=exclusive, reverse=reverse)
        output = call.writer.node(operator, (tensor,), quant, call.index, call.writer.dtype(view))
        return View(output, view.dims, view.order)

    if call.dtype(value) is not DType.FLOAT32:
        return call.as_value(build(call.plain, None, Activation.NONE))
    return computed(call, value.dims, build)


@translates("TopK")
def top_k(call: Call) -> tuple[Value, ...]:
    """The largest or smallest elements in order, and their int64 indices."""
    value = call.value(0)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", -1),))
    count = (call.integer("k", 0),) if call.opset < 10 else call.constant_integers(1, "k")
    if count is None or len(count) != 1:
        raise Unsupported("k is not one number")
    writer, view = call.writer, call.plain(0)
    tensor, stored = writer.layout(view)
    operator = TopK(axis=stored.index(axis), k=count[0], largest=bool(call.integer("largest", 1)))
    dims = tuple(count[0] if other == axis else dim for other, dim in enumerate(value.dims))
    names = [name or f"{call.node.op_type}/{place}" for place, name in enumerate((*call.node.output, "")[:2])]
    outputs = writer.node_of_many(operator, (tensor,), None, call.index, (writer.dtype(view), DType.INT64), names)
    first, second = (call.as_value(View(output, dims, order_of(stored, dims))) for output in outputs)
    return first, second
