# SPDX-License-Identifier: Apache-2.0
"""Relu, Clip, Sigmoid, Tanh, Softmax, Add."""

from __future__ import annotations

import math

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.quantization import activation_of, integer_limits, rescaled
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Add, Operator, Sigmoid, Softmax, Tanh

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
    """Two activations, or the bias of the operator before."""
    first, second = call.value(0), call.value(1)
    for value, constant in ((first, second), (second, first)):
        if isinstance(constant, Folded):
            if isinstance(value, Pending) and value.add_bias is not None:
                return value.add_bias(constant)
            raise Unsupported("it adds a constant; that is only supported as the bias of Conv, Gemm or MatMul")
    left, right = call.view(0), call.view(1)
    if left.dims != right.dims:
        raise Unsupported(f"dims {left.dims} and {right.dims} differ; broadcasting is not supported")

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        operator = Add(activation=activation_of(bounds, quant))
        inputs = (left.tensor, call.writer.like(right, left))
        return View(call.writer.node(operator, inputs, quant, call.index), left.dims, left.order)

    return Pending(left.dims, emit)
