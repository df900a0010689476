# SPDX-License-Identifier: Apache-2.0
"""Conv, Gemm, MatMul: operators with weights. The bias is theirs, or a constant added to their result."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.bias import fit_bias, real_bias, scaled_weights
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.quantization import activation_of, refuse_type
from sconnx.frontend.onnx.values import Bounds, Channelwise, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.window import spatial_dims, window
from sconnx.frontend.onnx.writer import CHANNELS_LAST
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    FullyConnected,
    Operator,
)

CONVOLUTIONS: dict[int, Callable[..., Operator]] = {1: Conv1D, 2: Conv2D}
DEPTHWISE: dict[int, Callable[..., Operator]] = {1: DepthwiseConv1D, 2: DepthwiseConv2D}


def _weights(call: Call, position: int, axis: int) -> tuple[NDArray[np.int8], QuantValues]:
    """Constant int8 weights, quantised as a whole or per index of `axis`."""
    folded = call.constant(position, "weights")
    quant = folded.quantization
    if quant is None:
        raise Unsupported(f"weights {call.name(position)} are {folded.value.dtype} and not quantised")
    refuse_type(f"weights {call.name(position)}", str(folded.value.dtype))
    if quant.axis not in (None, axis):
        raise Unsupported(f"weights {call.name(position)} are quantised per index of axis {quant.axis}, not {axis}")
    if not np.all(quant.scale > 0):
        raise Unsupported(f"weights {call.name(position)} have scale 0")
    if np.any(quant.zero_point != quant.zero_point[0]):
        raise Unsupported(f"weights {call.name(position)} have a different zero point per channel")
    return folded.value.astype(np.int8), quant


def _bias(call: Call, bias: Folded, dims: Dims, axis: int) -> Folded:
    """A constant to add to a result of `dims`, as one element per index of `axis`."""
    padded = (1,) * (len(dims) - bias.value.ndim) + bias.value.shape
    channels = dims[axis]
    if len(padded) != len(dims) or padded[axis] not in (1, channels) or math.prod(padded) != padded[axis]:
        raise Unsupported(f"bias {printable(bias.name)} of dims {bias.dims} is not one element per output channel")
    quant = bias.quantization
    if quant is not None and quant.axis is not None:
        quant = QuantValues(quant.scale, quant.zero_point, 0)
    return Folded(bias.name, np.broadcast_to(bias.value.reshape(-1), (channels,)).copy(), quant)


def _pending(
    call: Call,
    view: View,
    dims: Dims,
    weights: tuple[NDArray[np.int8], QuantValues],
    bias: Folded | None,
    operator: Operator,
) -> Pending:
    """A weighted operator waiting for its output quantisation.

    Args:
        weights: in the order the IR wants, with the axis of its scales.
        bias: flat.
    """
    writer = call.writer
    spatial = not isinstance(operator, FullyConnected)
    axes = CHANNELS_LAST[len(dims)] if spatial else tuple(range(len(view.dims)))
    channel_axis = weights[0].ndim - 1 if isinstance(operator, DepthwiseConv1D | DepthwiseConv2D) else 0
    weights_name = call.node.input[1]

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        activation = activation_of(bounds, quant)
        source = writer.stored(view, axes)
        fitted, integers = weights, None
        if bias is not None:
            integers, fitted = fit_bias(bias, writer.quantization(view), weights, channel_axis)
        constants: list[int | None] = [writer.builder.add_constant(weights_name, *fitted)]
        if bias is not None and integers is not None:
            unit = QuantValues.of(writer.quantization(view).scale[0] * fitted[1].scale, 0, 0)
            constants.append(writer.builder.add_constant(bias.name, integers, unit))
        active = _with_activation(operator, activation)
        output = writer.node(active, (source, *constants), quant, call.index)
        return View(output, dims, tuple(axis for axis in axes if dims[axis] > 1))

    def add_bias(constant: Folded) -> Pending:
        flat = _bias(call, constant, dims, 1 if spatial else len(dims) - 1)
        return _pending(call, view, dims, weights, flat, operator)

    def scale_channels(channelwise: Channelwise) -> Pending:
        scaled = scaled_weights(weights, channelwise.factor, channel_axis)
        shift = channelwise.offset + (0 if bias is None else real_bias(bias) * channelwise.factor)
        return _pending(call, view, dims, scaled, Folded(channelwise.name, shift), operator)

    return Pending(
        dims,
        emit,
        add_bias=add_bias if bias is None else None,
        # ONNX has the channels in dimension 1, where matrices of more dimensions have something else.
        scale_channels=scale_channels if spatial or len(dims) == 2 else None,
    )


def _with_activation(operator: Operator, activation: Activation) -> Operator:
    assert isinstance(operator, Conv1D | Conv2D | DepthwiseConv1D | DepthwiseConv2D | FullyConnected)
    return replace(operator, activation=activation)


@translates("Conv")
def conv(call: Call) -> Value:
    """A convolution; a depthwise one when every group has one input channel and there are several."""
    view = call.view(0)
    values, quant = _weights(call, 1, 0)
    if values.ndim != len(view.dims):
        raise Unsupported(f"weights of dims {values.shape} do not fit an input of dims {view.dims}")
    spatial = spatial_dims(view.dims)
    groups = call.integer("group", 1)
    channels, outputs = view.dims[1], values.shape[0]
    if groups < 1 or values.shape[1] * groups != channels or outputs % groups:
        raise Unsupported(f"weights of dims {values.shape} in {groups} groups do not fit {channels} channels")
    size = window(call, view.dims, values.shape[2:])
    dims = (view.dims[0], outputs, *size.output_dims(spatial))
    bias = None if call.optional(2) is None else _flat_bias(call, 2, dims, 1)
    if groups == channels and groups > 1:
        ordered = np.moveaxis(values[:, 0], 0, -1)
        quant = QuantValues.of(quant.scale, quant.zero_point, len(spatial))
        operator = DEPTHWISE[len(spatial)](**asdict(size), channel_multiplier=outputs // channels)
    else:
        ordered = np.moveaxis(values, 1, -1)
        operator = CONVOLUTIONS[len(spatial)](**asdict(size), groups=groups)
    return _pending(call, view, dims, (ordered, quant), bias, operator)


def _flat_bias(call: Call, position: int, dims: Dims, axis: int) -> Folded:
    """The bias input: [channels] for Conv, anything that broadcasts along the last axis for Gemm."""
    bias = call.constant(position, "bias")
    if axis != len(dims) - 1:
        bias = Folded(bias.name, bias.value.reshape(-1, *[1] * (len(dims) - axis - 1)), bias.quantization)
    return _bias(call, bias, dims, axis)


def _fully_connected(call: Call, view: View, outputs_axis: int, bias: int | None) -> Value:
    """FullyConnected of the last dimension with 2-D weights whose outputs are along `outputs_axis`."""
    values, quant = _weights(call, 1, outputs_axis)
    if values.ndim != 2 or not view.dims or values.shape[1 - outputs_axis] != view.dims[-1]:
        raise Unsupported(f"weights of dims {values.shape} do not fit an input of dims {view.dims}")
    ordered = values if outputs_axis == 0 else values.transpose(1, 0)
    quant = QuantValues.of(quant.scale, quant.zero_point, 0)
    dims = (*view.dims[:-1], ordered.shape[0])
    flat = None if bias is None else _flat_bias(call, bias, dims, len(dims) - 1)
    return _pending(call, view, dims, (ordered, quant), flat, FullyConnected())


@translates("MatMul")
def matmul(call: Call) -> Value:
    if isinstance(call.value(0), Folded):
        raise Unsupported(f"input {call.name(0)} is a constant; only the second input may be")
    return _fully_connected(call, call.view(0), 1, None)


@translates("Gemm")
def gemm(call: Call) -> Value:
    if call.integer("transA", 0):
        raise Unsupported("transA is 1")
    for name in ("alpha", "beta"):
        if call.real(name, 1.0) != 1.0:
            raise Unsupported(f"{name} is {call.real(name, 1.0):g}, not 1")
    view = call.view(0)
    if len(view.dims) != 2:
        raise Unsupported(f"its input has dims {view.dims}, not two dimensions")
    bias = None if call.optional(2) is None else 2
    return _fully_connected(call, view, 0 if call.integer("transB", 0) else 1, bias)
