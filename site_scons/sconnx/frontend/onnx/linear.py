# SPDX-License-Identifier: Apache-2.0
"""Operators with weights, as int8 or as float32. The bias is theirs, or a constant added to their result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.bias import Weights, fit_bias, real_bias, scaled_weights
from sconnx.frontend.onnx.call import Call
from sconnx.frontend.onnx.channelwise import then
from sconnx.frontend.onnx.computed import activation_of, clamped, emitter
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Bounds, Channelwise, Folded, Pending, Unsupported, View
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Dims, Operator


@dataclass(frozen=True, slots=True)
class Linear:
    """An operator with constant weights that waits for the type of its output.

    Args:
        operator: its `activation` is set when it is emitted.
        axes: the order in which it reads its input.
        dims, order: of the output.
        weights: as stored in the model.
        arrange: the order of their dimensions that the operator wants, as a function of an array.
        channel_axis: dimension of the arranged weights that numbers the output channels.
        source_axis: the same of the weights in the model.
        bias: flat.
        bias_axis: the dimension of the output that numbers the channels.
        scaled: what the output channels are scaled by and shifted.
    """

    operator: Operator
    axes: Sequence[int]
    dims: Dims
    order: tuple[int, ...]
    weights: Folded
    arrange: Any
    channel_axis: int
    source_axis: int
    bias: Folded | None
    bias_axis: int
    scaled: Channelwise | None = None


def pending(call: Call, linear: Linear) -> Pending:
    """The result of a weighted operator of input 0."""
    writer = call.writer
    quantized = call.is_quantized(0) and linear.weights.quantization is not None

    def with_int8(quant: QuantValues, bounds: Bounds) -> View:
        weights, bias = _int8_weights(call, linear), linear.bias
        if linear.scaled is not None:
            shift = linear.scaled.offset + (0 if bias is None else real_bias(bias) * linear.scaled.factor)
            weights = scaled_weights(weights, linear.scaled.factor, linear.channel_axis)
            bias = Folded(linear.scaled.name, shift)
        source = call.quantized(0)
        activation = activation_of(bounds, quant)
        tensor = writer.stored(source, linear.axes)
        unit = writer.quantization(source)
        integers = None
        if bias is not None:
            integers, weights = fit_bias(bias, unit, weights, linear.channel_axis)
        constants = [writer.builder.add_constant(call.node.input[1], *weights)]
        if bias is not None and integers is not None:
            units = QuantValues.of(unit.scale[0] * weights[1].scale, 0, 0)
            constants.append(writer.builder.add_constant(bias.name, integers, units))
        operator = _with_activation(linear.operator, activation or Activation.NONE)
        output = View(writer.node(operator, (tensor, *constants), quant, call.index), linear.dims, linear.order)
        return output if activation is not None else clamped(writer, output, bounds, call.index)

    def with_float32() -> View:
        weights, bias = linear.arrange(linear.weights.real()), linear.bias
        shift = None if bias is None else bias.real()
        name = "" if bias is None else bias.name
        if linear.scaled is not None:
            shape = [1] * weights.ndim
            shape[linear.channel_axis] = -1
            weights = (weights * linear.scaled.factor.reshape(shape)).astype(np.float32)
            old = 0 if shift is None else shift * linear.scaled.factor
            shift, name = (linear.scaled.offset + old).astype(np.float32), linear.scaled.name
        constants = [writer.builder.add_constant(call.node.input[1], weights)]
        if shift is not None:
            constants.append(writer.builder.add_constant(name, shift))
        tensor = writer.stored(call.real(0), linear.axes)
        output = writer.node(linear.operator, (tensor, *constants), None, call.index)
        return View(output, linear.dims, linear.order)

    def add_bias(constant: Folded) -> Pending | None:
        try:
            flat = flat_bias(constant, linear.dims, linear.bias_axis)
        except Unsupported:
            return None
        return pending(call, replace(linear, bias=flat))

    def scale_channels(further: Channelwise) -> Pending:
        scaled = further if linear.scaled is None else then(linear.scaled, further)
        return pending(call, replace(linear, scaled=scaled))

    return Pending(
        linear.dims,
        emitter(call, with_int8 if quantized else None, with_float32),
        add_bias=add_bias if linear.bias is None and linear.scaled is None else None,
        # BatchNormalization scales dimension 1.
        scale_channels=scale_channels if linear.bias_axis == 1 else None,
    )


def _with_activation(operator: Any, activation: Activation) -> Operator:
    clamping: Operator = replace(operator, activation=activation)
    return clamping


def _int8_weights(call: Call, linear: Linear) -> Weights:
    """Constant int8 weights, quantised as a whole or per output channel, in the order that the operator wants."""
    folded, quant, axis = linear.weights, linear.weights.quantization, linear.source_axis
    assert quant is not None
    name = printable(folded.name)
    if folded.value.dtype != np.int8:
        raise Unsupported(f"weights {name} are {folded.value.dtype}, not int8")
    if quant.axis not in (None, axis):
        raise Unsupported(f"weights {name} are quantised per index of axis {quant.axis}, not {axis}")
    if not np.all(quant.scale > 0):
        raise Unsupported(f"weights {name} have scale 0")
    if np.any(quant.zero_point != quant.zero_point[0]):
        raise Unsupported(f"weights {name} have a different zero point per channel")
    arranged: NDArray[np.int8] = linear.arrange(folded.value.astype(np.int8))
    return arranged, QuantValues.of(quant.scale, quant.zero_point, linear.channel_axis)


def flat_bias(bias: Folded, dims: Dims, axis: int) -> Folded:
    """A constant to add to a result of `dims`, as one element per index of `axis`."""
    padded = (1,) * (len(dims) - bias.value.ndim) + bias.value.shape
    channels = dims[axis]
    if len(padded) != len(dims) or padded[axis] not in (1, channels) or math.prod(padded) != padded[axis]:
        raise Unsupported(f"bias {printable(bias.name)} of dims {bias.dims} is not one element per output channel")
    quant = bias.quantization
    if quant is not None and quant.axis is not None:
        quant = QuantValues(quant.scale, quant.zero_point, 0)
    return Folded(bias.name, np.broadcast_to(bias.value.reshape(-1), (channels,)).copy(), quant)
