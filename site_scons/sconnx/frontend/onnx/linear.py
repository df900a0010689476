# SPDX-License-Identifier: Apache-2.0
"""Conv, Gemm, MatMul: operators with weights. The bias is theirs, or a constant added to their result."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.bias import fit_bias
from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.quantization import activation_of, refuse_type
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.window import Window, as_image, image_dims, like_input, window
from sconnx.frontend.onnx.writer import NHWC, wide_axes
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Conv2D, DepthwiseConv2D, Dims, FullyConnected, Operator


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
    weights_name = call.node.input[1]

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        activation = activation_of(bounds, quant)
        source = writer.stored(view, NHWC) if spatial else writer.in_order(view)
        fitted, integers = weights, None
        if bias is not None:
            integers, fitted = fit_bias(bias, writer.quantization(view), weights)
        constants: list[int | None] = [writer.builder.add_constant(weights_name, *fitted)]
        if bias is not None and integers is not None:
            unit = QuantValues.of(writer.quantization(view).scale[0] * fitted[1].scale, 0, 0)
            constants.append(writer.builder.add_constant(bias.name, integers, unit))
        active = _with_activation(operator, activation)
        output = writer.node(active, (source, *constants), quant, call.index)
        order = tuple(axis for axis in NHWC if dims[axis] > 1) if spatial else wide_axes(dims)
        return View(output, dims, order)

    def add_bias(constant: Folded) -> Pending:
        flat = _bias(call, constant, dims, 1 if spatial else len(dims) - 1)
        return _pending(call, view, dims, weights, flat, operator)

    return Pending(dims, emit, add_bias=add_bias if bias is None else None)


def _with_activation(operator: Operator, activation: Activation) -> Operator:
    assert isinstance(operator, Conv2D | DepthwiseConv2D | FullyConnected)
    return replace(operator, activation=activation)


@translates("Conv")
def conv(call: Call) -> Value:
    """Conv2D, or DepthwiseConv2D when every group has one input channel and there are several."""
    flat = call.view(0)
    values, quant = _weights(call, 1, 0)
    if values.ndim != len(flat.dims):
        raise Unsupported(f"weights of dims {values.shape} do not fit an input of dims {flat.dims}")
    view = as_image(call, flat)
    values = values.reshape(image_dims(values.shape))
    groups = call.integer("group", 1)
    channels, outputs = view.dims[1], values.shape[0]
    if groups < 1 or values.shape[1] * groups != channels or outputs % groups:
        raise Unsupported(f"weights of dims {values.shape} in {groups} groups do not fit {channels} channels")
    size = window(call, flat.dims, (values.shape[2], values.shape[3]))
    dims = (view.dims[0], outputs, *size.output_dims((view.dims[2], view.dims[3])))
    bias = None if call.optional(2) is None else _flat_bias(call, 2, dims, 1)
    operator: Operator
    if groups == channels and groups > 1:
        ordered = values.reshape(outputs, *size.kernel_dims).transpose(1, 2, 0)
        quant = QuantValues.of(quant.scale, quant.zero_point, 2)
        operator = _depthwise(size, outputs // channels)
    else:
        ordered = values.transpose(0, 2, 3, 1)
        operator = _convolution(size, groups)
    result = _pending(call, view, dims, (ordered, quant), bias, operator)
    return like_input(call, result, flat.dims)


def _convolution(size: Window, groups: int) -> Conv2D:
    return Conv2D(
        kernel_dims=size.kernel_dims,
        stride_dims=size.stride_dims,
        dilation_dims=size.dilation_dims,
        padding=size.padding,
        groups=groups,
    )


def _depthwise(size: Window, channel_multiplier: int) -> DepthwiseConv2D:
    return DepthwiseConv2D(
        kernel_dims=size.kernel_dims,
        stride_dims=size.stride_dims,
        dilation_dims=size.dilation_dims,
        padding=size.padding,
        channel_multiplier=channel_multiplier,
    )


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
