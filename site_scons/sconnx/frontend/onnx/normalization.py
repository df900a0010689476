# SPDX-License-Identifier: Apache-2.0
"""Normalisations. BatchNormalization is folded into the operator with weights before it, else a product and a sum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.channelwise import then
from sconnx.frontend.onnx.computed import Read, computed
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.reduction import reduced
from sconnx.frontend.onnx.softmax import over_axis
from sconnx.frontend.onnx.unary import unary
from sconnx.frontend.onnx.values import Channelwise, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from, order_of
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    LayerNormalization,
    LocalResponseNormalization,
    Mul,
    Operator,
    ReduceMean,
    Rsqrt,
    Square,
    Sub,
)


@translates("BatchNormalization")
def batch_normalization(call: Call) -> Value:
    """(x - mean) / sqrt(variance + epsilon) * scale + bias, by channel, outside of training."""
    call.only_output()
    if call.integer("training_mode", 0) or not call.integer("spatial", 1):
        raise Unsupported("it is in training mode, or not by channel")
    value = call.value(0)
    channels = value.dims[1] if len(value.dims) > 1 else 1
    scale, bias, mean, variance = (_numbers(call, position, channels) for position in (1, 2, 3, 4))
    variance = variance + call.real_number("epsilon", 1e-5)
    if not np.all(variance > 0):
        raise Unsupported(f"variance {call.name(4)} is not above 0")
    factor = scale / np.sqrt(variance)
    channelwise = Channelwise(call.node.input[2], factor, bias - mean * factor)
    if isinstance(value, Pending) and value.scale_channels is not None:
        return value.scale_channels(channelwise)
    return _scaled(call, value, channelwise)


def _scaled(call: Call, value: Value, channelwise: Channelwise) -> Pending:
    """A product and a sum, which take in more of their kind."""
    column = (-1, *[1] * (len(value.dims) - 2))
    factors, offsets = (
        Folded(call.node.input[position], numbers.reshape(column).astype(np.float32))
        for position, numbers in ((1, channelwise.factor), (2, channelwise.offset))
    )
    result = binary(call, Add(), binary(call, Mul(), value, factors), offsets)
    assert isinstance(result, Pending)
    return replace(result, scale_channels=lambda further: _scaled(call, value, then(channelwise, further)))


def _numbers(call: Call, position: int, channels: int) -> NDArray[np.float64]:
    """A constant with one finite number per channel."""
    constant = call.constant(position, "input")
    values = constant.real().astype(np.float64).reshape(-1)
    if values.size != channels or not np.all(np.isfinite(values)):
        raise Unsupported(f"input {call.name(position)} is not one finite number for each of {channels} channels")
    return values


@translates("LayerNormalization")
def layer_normalization(call: Call) -> tuple[Value, ...]:
    """Over all dimensions from `axis` on; then the mean and the inverse of the deviation, where they are read."""
    epsilon = call.real_number("epsilon", 1e-5)
    result = _layer(call, LayerNormalization(epsilon=epsilon))
    if not any(call.node.output[1:]):
        return (result,)
    value = call.value(0)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", -1),))
    axes = tuple(range(axis, len(value.dims)))
    mean = reduced(call, ReduceMean, value, axes, keep=True)
    centred = binary(call, Sub(), value, mean)
    variance = reduced(call, ReduceMean, unary(call, Square(), centred), axes, keep=True)
    shifted = binary(call, Add(), variance, Folded("epsilon", np.array(epsilon, np.float32)))
    return result, mean, unary(call, Rsqrt(), shifted)


@translates("RMSNormalization", "SimplifiedLayerNormalization")
def rms_normalization(call: Call) -> Value:
    return _layer(call, LayerNormalization(epsilon=call.real_number("epsilon", 1e-5), centred=False))


def _layer(call: Call, operator: LayerNormalization) -> Value:
    """The scale and shift are the operator's where they are constants of the normalised dims."""
    value = call.value(0)
    (axis,) = axes_from(len(value.dims), (call.integer("axis", -1),))
    normalized = value.dims[axis:]
    rows = reshaped(call, value, (*value.dims[:axis], math.prod(normalized)))
    scale, shift = call.optional(1), call.optional(2)
    flat = [factor for factor in (scale, shift) if isinstance(factor, Folded) and factor.dims == normalized]
    if scale is not None and len(flat) == 1 + (shift is not None):
        own = [reshaped(call, factor, rows.dims[-1:]) for factor in flat]
        return reshaped(call, normalized_rows(call, operator, rows, own), value.dims)
    result = reshaped(call, normalized_rows(call, operator, rows), value.dims)
    result = result if scale is None else binary(call, Mul(), result, scale)
    return result if shift is None else binary(call, Add(), result, shift)


def normalized_rows(call: Call, operator: Operator, value: Value, factors: Sequence[Value] = ()) -> Value:
    """A normalisation of the last dimension; in float32."""
    axes = tuple(range(len(value.dims)))

    def build(read: Read, quant: QuantValues | None, _: Activation) -> View:
        tensors = [call.writer.stored(read(0), axes), *(read(place + 1).tensor for place in range(len(factors)))]
        output = call.writer.node(operator, tuple(tensors), quant, call.index)
        return View(output, value.dims, order_of(axes, value.dims))

    return computed(call, value.dims, build, operands=(value, *factors))


@translates("InstanceNormalization")
def instance_normalization(call: Call) -> Value:
    """Each channel of each image by itself."""
    channels = call.value(0).dims[1] if len(call.value(0).dims) > 1 else 1
    return _grouped(call, channels, channels)


@translates("GroupNormalization")
def group_normalization(call: Call) -> Value:
    """Each group of channels of each image by itself. The factors are by group until opset 20, then by channel."""
    groups = call.integer("num_groups", 0)
    channels = call.value(0).dims[1] if len(call.value(0).dims) > 1 else 1
    if groups < 1 or channels % groups:
        raise Unsupported(f"{channels} channels do not fall into {groups} groups")
    return _grouped(call, groups, groups if call.opset < 21 else channels)


def _grouped(call: Call, groups: int, factors: int) -> Value:
    value = call.value(0)
    dims = value.dims
    if len(dims) < 2:
        raise Unsupported(f"its input has dims {dims}, no channels")
    rows = reshaped(call, value, (dims[0] * groups, math.prod(dims[1:]) // groups))
    operator = LayerNormalization(epsilon=call.real_number("epsilon", 1e-5))
    result = reshaped(call, normalized_rows(call, operator, rows), dims)
    if factors != dims[1]:
        result = reshaped(call, result, (dims[0], factors, math.prod(dims[1:]) // factors))
    column = (factors, *[1] * (len(result.dims) - 2))
    for position, join in ((1, Mul()), (2, Add())):
        result = binary(call, join, result, reshaped(call, call.value(position), column))
    return reshaped(call, result, dims)


@translates("LRN")
def local_response_normalization(call: Call) -> Value:
    """Across channels; ONNX divides alpha by the size of the window."""
    size = call.integer("size", 0)
    if size < 1 or len(call.value(0).dims) < 2:
        raise Unsupported(f"a window of {size} does not fit dims {call.value(0).dims}")
    operator = LocalResponseNormalization(
        before=(size - 1) // 2,
        after=size - 1 - (size - 1) // 2,
        alpha=call.real_number("alpha", 1e-4) / size,
        beta=call.real_number("beta", 0.75),
        bias=call.real_number("bias", 1.0),
    )
    return over_axis(call, operator, call.value(0), 1)
