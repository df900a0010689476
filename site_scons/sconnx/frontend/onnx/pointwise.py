# SPDX-License-Identifier: Apache-2.0
"""Relu, Clip, Sigmoid, Tanh, Softmax, Add, Sub, Mul."""

from __future__ import annotations

import math

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.quantization import activation_of, integer_limits, refuse_type, rescaled
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Add, Mul, Operator, Sigmoid, Softmax, Sub, Tanh

FLOAT32_MAX = float(np.finfo(np.float32).max)


def _clamped(call: Call, bounds: Bounds) -> Value:
    """A clamp: fused into a pending result, or of a quantised tensor."""
    value = call.value(0)
    source = value if isinstance(value, Pending) else rescaled(call.writer, call.view(0), call.index)
    natural = source.natural
    exact = natural is not None and (
        bounds in (Bounds(), Bounds(0.0)) or integer_limits(bounds, natural) == (-128, 127)
    )

    def emit(quant: QuantValues, outer: Bounds) -> View:
        try:
            return source.emit(quant, bounds.then(outer))
        except Unsupported as error:
            raise Unsupported(str(error), call.index if error.node is None else error.node) from None

    return Pending(source.dims, emit, natural=natural if exact else None)


@translates("Relu")
def relu(call: Call) -> Value:
    return _clamped(call, Bounds(0.0))


@translates("Clip")
def clip(call: Call) -> Value:
    if call.opset < 11:
        low, high = call.real("min", -FLOAT32_MAX), call.real("max", FLOAT32_MAX)
    else:
        low, high = _limit(call, 1, -FLOAT32_MAX), _limit(call, 2, FLOAT32_MAX)
    if not low <= high:
        raise Unsupported(f"its range {low:g}..{high:g} is empty")
    return _clamped(call, Bounds(None if low <= -FLOAT32_MAX else low, None if high >= FLOAT32_MAX else high))


def _limit(call: Call, position: int, default: float) -> float:
    if call.optional(position) is None:
        return default
    limit = call.constant(position, "limit").real()
    if limit.size != 1:
        raise Unsupported(f"limit {call.name(position)} has {limit.size} elements")
    return float(limit.reshape(-1)[0])


def _unary(call: Call, operator: Operator, view: View) -> Pending:
    """An operator on each element, in whatever order it is stored."""

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        if activation_of(bounds, quant) is not Activation.NONE:
            raise Unsupported(
                f"a clamp after {call.node.op_type} needs a QuantizeLinear and a DequantizeLinear before it"
            )
        output = call.writer.node(operator, (view.tensor,), quant, call.index)
        return View(output, view.dims, view.order)

    return Pending(view.dims, emit)


@translates("Sigmoid")
def sigmoid(call: Call) -> Value:
    return _unary(call, Sigmoid(), call.view(0))


@translates("Tanh")
def tanh(call: Call) -> Value:
    return _unary(call, Tanh(), call.view(0))


@translates("Softmax")
def softmax(call: Call) -> Value:
    """Over one axis, which is stored last. Until opset 12 all axes from `axis` on are taken as one."""
    view = call.view(0)
    count = len(view.dims)
    axis = call.integer("axis", -1 if call.opset >= 13 else 1)
    axis = axis + count if axis < 0 else axis
    if not 0 <= axis < count:
        raise Unsupported(f"axis {axis} does not fit dims {view.dims}")
    if call.opset < 13:
        if math.prod(view.dims[axis:-1]) != 1:
            raise Unsupported(f"it covers several axes of dims {view.dims}, from axis {axis} on")
        axis = count - 1
    axes = (*(other for other in range(count) if other != axis), axis)
    order = tuple(axis for axis in axes if view.dims[axis] > 1)
    stored = View(call.writer.stored(view, axes), view.dims, order)
    return _unary(call, Softmax(), stored)


@translates("Add")
def add(call: Call) -> Value:
    """Two tensors, or the bias of the operator before."""
    first, second = call.value(0), call.value(1)
    for value, constant in ((first, second), (second, first)):
        if isinstance(constant, Folded) and isinstance(value, Pending) and value.add_bias is not None:
            return value.add_bias(constant)
    return _binary(call, Add)


@translates("Sub")
def sub(call: Call) -> Value:
    return _binary(call, Sub)


@translates("Mul")
def mul(call: Call) -> Value:
    return _binary(call, Mul)


def _binary(call: Call, operator: type[Add | Sub | Mul]) -> Value:
    """An operator of two tensors of the same dims, of which one may be an int8 constant that broadcasts."""
    values = (call.value(0), call.value(1))
    if all(isinstance(value, Folded) for value in values):
        raise Unsupported("both of its inputs are constants")
    given = [_int8_constant(call, position) for position in (0, 1)]
    views = [call.view(position) for position in (0, 1) if given[position] is None]
    constants = [None if constant is None else _spread(constant, views[0].dims) for constant in given]
    dims = [view.dims for view in views] + [constant.dims for constant in constants if constant is not None]
    if any(each != views[0].dims for each in dims):
        raise Unsupported(f"dims {values[0].dims} and {values[1].dims} differ; broadcasting is not supported")

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        active = operator(activation=activation_of(bounds, quant))
        rest = iter(views)
        inputs = tuple(
            call.writer.like(next(rest), views[0]) if constant is None else _constant_like(call, constant, views[0])
            for constant in constants
        )
        return View(call.writer.node(active, inputs, quant, call.index), views[0].dims, views[0].order)

    return Pending(views[0].dims, emit)


def _int8_constant(call: Call, position: int) -> Folded | None:
    """An input that is a constant, quantised to int8 as a whole; None when it is not constant."""
    constant = call.value(position)
    if not isinstance(constant, Folded):
        return None
    if constant.quantization is None:
        raise Unsupported(
            f"constant {call.name(position)} is {constant.value.dtype} and not quantised; "
            "only a bias that is added to Conv, Gemm or MatMul may be"
        )
    refuse_type(f"constant {call.name(position)}", str(constant.value.dtype))
    if constant.quantization.axis is not None:
        raise Unsupported(f"constant {call.name(position)} is quantised per axis")
    return constant


def _spread(constant: Folded, dims: tuple[int, ...]) -> Folded:
    """A constant repeated along the dimensions that it broadcasts over; as it is when it does not fit."""
    try:
        return Folded(constant.name, np.broadcast_to(constant.value, dims).copy(), constant.quantization)
    except ValueError:
        return constant


def _constant_like(call: Call, constant: Folded, view: View) -> int:
    """A constant of the dims of a view, stored the way the view is."""
    builder = call.writer.builder
    ones = tuple(axis for axis, dim in enumerate(view.dims) if dim == 1)
    value = constant.value.transpose((*ones, *view.order)).reshape(builder.tensors[view.tensor].dims)
    return builder.add_constant(constant.name, value, constant.quantization)
