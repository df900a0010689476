# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of two or three tensors, whose dims broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import numpy as np

from sconnx.frontend.onnx.call import Call, Translation, translates
from sconnx.frontend.onnx.channelwise import taken_in
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.operands import is_quantized, plain, quantized
from sconnx.frontend.onnx.values import Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import CHANNELS_LAST, Writer, has_int8, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    And,
    Binary,
    BitwiseAnd,
    BitwiseOr,
    BitwiseXor,
    Cast,
    Dims,
    Div,
    Equal,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Maximum,
    Minimum,
    Mod,
    Mul,
    Operator,
    Or,
    Pow,
    PRelu,
    ShiftLeft,
    ShiftRight,
    Sub,
    Where,
    Xor,
    broadcast_dims,
)
from sconnx.graph.tensor import Constant, DType

CLAMPING = (Add, Sub, Mul, Div)
COMPARISONS = (Equal, Greater, GreaterEqual, Less, LessEqual)


def aligned(writer: Writer, views: Sequence[View]) -> tuple[tuple[int, ...], Dims, tuple[int, ...]]:
    """Tensors that broadcast as they are stored, where the views broadcast as ONNX sees them.

    Returns:
        The tensors, the dims of the result as ONNX has them, and the ONNX axis of each dimension of the result.
    """
    dims = broadcast_dims([view.dims for view in views])
    computed = [view for view in views if not isinstance(writer.builder.tensors[view.tensor], Constant)] or list(views)
    if all(view.dims == dims for view in views):
        tensors = tuple(writer.like(view, computed[0]) for view in views)
        return tensors, dims, computed[0].order
    wide = [_expanded(view, len(dims)) for view in views]
    axes = _best_axes(writer, [_expanded(view, len(dims)) for view in computed], len(dims))
    return tuple(_short(writer, view, axes) for view in wide), dims, order_of(axes, dims)


def _expanded(view: View, count: int) -> View:
    """With as many dimensions as the result: ones in front."""
    missing = count - len(view.dims)
    return View(view.tensor, (*[1] * missing, *view.dims), tuple(axis + missing for axis in view.order), view.mover)


def _best_axes(writer: Writer, views: Sequence[View], count: int) -> tuple[int, ...]:
    """The order of dimensions in which the fewest elements have to be moved."""
    candidates = [tuple(range(count)), *([CHANNELS_LAST[count]] if count in CHANNELS_LAST else [])]
    for view in views:
        rest = [axis for axis in range(count) if axis not in view.order]
        candidates.append((*rest, *view.order))

    def moved(axes: tuple[int, ...]) -> int:
        return sum(
            writer.builder.tensors[view.tensor].size for view in views if order_of(axes, view.dims) != view.order
        )

    return min(candidates, key=moved)


def _short(writer: Writer, view: View, axes: tuple[int, ...]) -> int:
    """The tensor of a view in an order of dimensions; a constant without ones in front, which broadcast anyway."""
    tensor = writer.stored(view, axes)
    value = writer.builder.values.get(tensor)
    if value is None or not value.ndim or value.shape[0] != 1:
        return tensor
    first = next((axis for axis, dim in enumerate(value.shape) if dim != 1), value.ndim - 1)
    builder = writer.builder
    return builder.add_constant(
        builder.tensors[tensor].name, value.reshape(value.shape[first:]), builder.quantizations.get(tensor)
    )


def binary(call: Call, operator: Operator, *operands: Value) -> Value:
    """An operator on each pair of elements, which have one type; float32 may be quantised."""
    dims = broadcast_dims([operand.dims for operand in operands])
    types = [call.dtype(operand) for operand in operands]

    def build(read: Read, quant: QuantValues | None, activation: Activation) -> View:
        tensors, _, order = aligned(call.writer, [read(position) for position in range(len(operands))])
        active = type(operator)(activation=activation) if isinstance(operator, CLAMPING) else operator
        return View(call.writer.node(active, tensors, quant, call.index), dims, order)

    if len(set(types)) > 1:
        raise Unsupported(f"its inputs are {' and '.join(dtype.value for dtype in types)}")
    if types[0] is DType.FLOAT32 and not isinstance(operator, COMPARISONS):
        return computed(call, dims, build, operands=operands, clamps=isinstance(operator, CLAMPING))
    return _plain(call, operator, operands, DType.BOOL if isinstance(operator, COMPARISONS) else types[0])


def _plain(call: Call, operator: Operator, operands: Sequence[Value], dtype: DType) -> Value:
    """A node now, of a type that needs no quantisation."""
    both = has_int8(operator) and all(is_quantized(call.writer, operand) for operand in operands)
    views = [call.named(quantized if both else plain, operand) for operand in operands]
    tensors, dims, order = aligned(call.writer, views)
    return call.as_value(View(call.writer.node(operator, tensors, None, call.index, dtype), dims, order))


def _two(operator: Operator) -> Translation:
    def translate(call: Call) -> Value:
        first, second = call.value(0), _at_axis(call)
        return taken_in(operator, first, second) or binary(call, operator, first, second)

    return translate


def _at_axis(call: Call) -> Value:
    """The second input. Until opset 6 `axis` says where it begins in the first, and slopes of PRelu are by channel."""
    first, second = call.value(0), call.value(1)
    axis = call.integer("axis", -1) if call.opset < 7 else -1
    if call.node.op_type == "PRelu" and second.dims == first.dims[1:2] and (call.opset < 7 or len(first.dims) > 2):
        axis = 1
    if axis < 0 or axis + len(second.dims) > len(first.dims):
        return second
    return reshaped(call, second, (*second.dims, *[1] * (len(first.dims) - axis - len(second.dims))))


for _name, _operator in {
    "Sub": Sub(),
    "Mul": Mul(),
    "Div": Div(),
    "PRelu": PRelu(),
    "Equal": Equal(),
    "Greater": Greater(),
    "GreaterOrEqual": GreaterEqual(),
    "Less": Less(),
    "LessOrEqual": LessEqual(),
    "And": And(),
    "Or": Or(),
    "Xor": Xor(),
    "BitwiseAnd": BitwiseAnd(),
    "BitwiseOr": BitwiseOr(),
    "BitwiseXor": BitwiseXor(),
}.items():
    translates(_name)(_two(_operator))


@translates("Add")
def add(call: Call) -> Value:
    """Two tensors, or the bias of the operator before."""
    first, second = call.value(0), call.value(1)
    for value, constant in ((first, second), (second, first)):
        if isinstance(constant, Folded) and isinstance(value, Pending) and value.add_bias is not None:
            biased = value.add_bias(constant)
            if biased is not None:
                return biased
    second = _at_axis(call)
    return taken_in(Add(), first, second) or binary(call, Add(), first, second)


@translates("Pow")
def power(call: Call) -> Value:
    """The exponent may be of another type; the result has that of the base."""
    base, exponent = call.value(0), call.value(1)
    types = (call.dtype(base), call.dtype(exponent))
    if types[0] is types[1]:
        return binary(call, Pow(), base, exponent)
    if isinstance(exponent, Folded) and types[0] is DType.FLOAT32:
        return binary(call, Pow(), base, Folded(exponent.name, exponent.value.astype(np.float32)))
    result = binary(call, Pow(), converted(call, base, DType.FLOAT32), converted(call, exponent, DType.FLOAT32))
    return converted(call, result, types[0])


def converted(call: Call, value: Value, dtype: DType) -> Value:
    """A value in another element type."""
    if call.dtype(value) is dtype:
        return value
    view = call.plain_of(value)
    return call.as_value(View(call.writer.node(Cast(), (view.tensor,), None, call.index, dtype), view.dims, view.order))


@translates("Mod")
def modulo(call: Call) -> Value:
    return binary(call, Mod(truncated=bool(call.integer("fmod", 0))), call.value(0), call.value(1))


@translates("BitShift")
def bit_shift(call: Call) -> Value:
    operators = {"LEFT": ShiftLeft(), "RIGHT": ShiftRight()}
    direction = call.string("direction", "")
    if direction not in operators:
        raise Unsupported(f"direction is {direction!r}, neither 'LEFT' nor 'RIGHT'")
    return binary(call, operators[direction], call.value(0), call.value(1))


def _many(call: Call, operator: Binary) -> Value:
    """Of any number of inputs, from left to right."""
    values = [call.value(position) for position in range(max(len(call.inputs), 1))]
    return reduce(partial(binary, call, operator), values)


@translates("Min")
def minimum(call: Call) -> Value:
    return _many(call, Minimum())


@translates("Max")
def maximum(call: Call) -> Value:
    return _many(call, Maximum())


@translates("Sum")
def total(call: Call) -> Value:
    return _many(call, Add())


@translates("Mean")
def mean(call: Call) -> Value:
    count = Folded(call.node.output[0], np.array(1 / max(len(call.inputs), 1), np.float32))
    return binary(call, Mul(), _many(call, Add()), count)


@translates("Where")
def where(call: Call) -> Value:
    """Elements of either of two tensors. Of float32, or of another type."""
    condition, first, second = call.value(0), call.value(1), call.value(2)
    dtype = call.dtype(first)
    if call.dtype(condition) is not DType.BOOL or call.dtype(second) is not dtype:
        types = [call.dtype(value).value for value in (condition, first, second)]
        raise Unsupported(f"its inputs are {', '.join(types)}, not bool and two of one type")
    views = [call.plain(position) for position in range(3)]
    tensors, dims, order = aligned(call.writer, views)
    return call.as_value(View(call.writer.node(Where(), tensors, None, call.index, dtype), dims, order))
