# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear, DequantizeLinear, and the quantisation of constants at import."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from sconnx.frontend.onnx.call import Call, tracked, translates
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Bounds, FloatInput, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Relu, Relu6, Requantize
from sconnx.reference.requantize import ACTIVATIONS, activation_limits
from sconnx.reference.rule import Rule

SCALES = (np.float32(1e-20), np.float32(1e9))
"""Smallest and largest scale of an activation: quotients of two such scales times a third are finite in float32."""


def refuse_type(name: str, dtype: str) -> None:
    """Only int8 is computed with."""
    if dtype == "uint8":
        raise Unsupported(f"{name} is uint8; quantise with signed int8 (QuantType.QInt8)")
    if dtype != "int8":
        raise Unsupported(f"{name} is {dtype}; only int8 is supported")


def quantization_of(scale: Folded, zero_point: Folded | None, dims: tuple[int, ...] | None, axis: int) -> QuantValues:
    """Scale and zero point inputs as values.

    Args:
        dims: of the quantised constant; None for an activation, which must have one scale. The scale of a
            constant may be as small as it likes: channels that died in training have such weights.
        axis: of the constant that has one scale per index.
    """
    if scale.value.dtype != np.float32 or scale.quantization is not None:
        raise Unsupported(f"scale {printable(scale.name)} is {scale.value.dtype}; only float32 is supported")
    if scale.value.size == 0:
        raise Unsupported(f"scale {printable(scale.name)} is empty")
    scales = scale.value.astype(np.float32)
    if not np.all((scales >= (SCALES[0] if dims is None else 0)) & (scales <= SCALES[1])):
        raise Unsupported(f"scale {printable(scale.name)} is not between {SCALES[0]:g} and {SCALES[1]:g}")
    points = _zero_points(zero_point)
    if points.size not in (1, scale.value.size):
        raise Unsupported(f"there are {scale.value.size} scales but {points.size} zero points")
    if scale.value.size == 1:
        return QuantValues.of(scale.value.reshape(-1), points)
    if dims is None:
        raise Unsupported("an activation is quantised per axis; only weights may be")
    axis = 0 if len(dims) == 1 else axis + len(dims) if axis < 0 else axis
    if scale.value.ndim != 1 or not 0 <= axis < len(dims) or dims[axis] != scale.value.size:
        raise Unsupported(f"scales of dims {scale.value.shape} do not fit dims {dims} along axis {axis}")
    return QuantValues.of(scale.value, points, axis)


def _zero_points(zero_point: Folded | None) -> NDArray[np.int32]:
    """The zero points, flat; 0 when there is no such input."""
    if zero_point is None:
        return np.zeros(1, np.int32)
    values = zero_point.value
    if values.dtype not in (np.int8, np.uint8, np.int32):
        raise Unsupported(f"zero point {printable(zero_point.name)} is {values.dtype}; only int8 is supported")
    if values.dtype == np.int32 and values.any():
        raise Unsupported(f"zero point {printable(zero_point.name)} of int32 values is not 0")
    return values.astype(np.int32).reshape(-1)


def quantize(real: NDArray[np.float32], quant: QuantValues) -> NDArray[np.int8]:
    """QuantizeLinear as ONNX defines it: saturate(rint(x / scale) + zero_point), float32, halves to even."""
    shape = [1] * real.ndim
    if quant.axis is not None:
        shape[quant.axis] = -1
    scale, point = (
        (quant.scale.reshape(shape), quant.zero_point.reshape(shape))
        if shape
        else (quant.scale[0], quant.zero_point[0])
    )
    if not np.all(np.isfinite(real)):
        raise Unsupported("a constant has infinite elements or elements that are no numbers")
    if not np.all(quant.scale > 0):
        raise Unsupported("a constant is quantised with scale 0")
    with np.errstate(over="ignore"):
        scaled = np.rint(real / scale).astype(np.float64)
    integers: NDArray[np.int8] = np.clip(scaled + point, -128, 127).astype(np.int8)
    return integers


def activation_of(bounds: Bounds, quant: QuantValues) -> Activation:
    """The fused activation that clamps the integers exactly as `bounds` clamps the real numbers."""
    for activation in Activation:
        if ACTIVATIONS[activation.value] == (bounds.low, bounds.high):
            return activation
    scale, point = float(quant.scale[0]), int(quant.zero_point[0])
    limits = integer_limits(bounds, quant)
    for activation in Activation:
        if activation_limits(activation.value, scale, point, Rule.ONNX) == limits:
            return activation
    raise Unsupported(
        f"its range {bounds.low}..{bounds.high} is neither 0.., 0..6, -1..1 nor the range of the quantised output"
    )


def integer_limits(bounds: Bounds, quant: QuantValues) -> tuple[int, int]:
    """The clamp in quantised integers."""

    def code(real: float) -> int:
        with np.errstate(over="ignore"):
            scaled = np.clip(np.rint(np.float32(real) / quant.scale[0]), -1024, 1024)
        return min(max(int(scaled) + int(quant.zero_point[0]), -128), 127)

    return (
        -128 if bounds.low is None else code(bounds.low),
        127 if bounds.high is None else code(bounds.high),
    )


def rescaled(writer: Writer, view: View, index: int) -> Pending:
    """A quantised tensor waiting to be quantised again: unchanged, Requantize, Relu or Relu6."""
    source = writer.quantization(view)

    def emit(quant: QuantValues, bounds: Bounds) -> View:
        if quant.same_as(source) and integer_limits(bounds, quant) == (-128, 127):
            return view
        activation = activation_of(bounds, quant)
        operators = {Activation.NONE: Requantize(), Activation.RELU: Relu(), Activation.RELU6: Relu6()}
        if activation not in operators:
            raise Unsupported("a clamp to -1..1 is only supported directly after an operator that computes", index)
        output = writer.node(operators[activation], (view.tensor,), quant, index)
        return View(output, view.dims, view.order)

    return Pending(view.dims, emit, natural=source)


@translates("QuantizeLinear")
def quantize_linear(call: Call) -> Value:
    """Ends a pending float32 result, rescales a quantised tensor, or quantises a constant."""
    source = call.value(0)
    scale = call.constant(1, "scale")
    zero_point = None if call.optional(2) is None else call.constant(2, "zero point")
    dtype = _output_type(call, zero_point)
    refuse_type(f"the output of QuantizeLinear {printable(call.node.output[0])}", dtype)
    if call.integer("block_size", 0):
        raise Unsupported("blocked quantisation is not supported")
    axis = call.integer("axis", 1)
    if isinstance(source, Folded):
        quant = quantization_of(scale, zero_point, source.dims, axis)
        return Folded(source.name, quantize(source.real(), quant))
    quant = quantization_of(scale, zero_point, None, axis)
    if isinstance(source, FloatInput):
        raise Unsupported(f"input {call.name(0)} is also used without QuantizeLinear")
    if isinstance(source, Tracked):
        if not source.real:
            raise Unsupported(f"input {call.name(0)} is int8 already")
        source = rescaled(call.writer, source.view, call.index)
    return Tracked(source.emit(quant, Bounds()), real=False)


def _output_type(call: Call, zero_point: Folded | None) -> str:
    """The element type QuantizeLinear writes: that of the zero point, else `output_dtype`, else uint8."""
    if zero_point is not None:
        return str(zero_point.value.dtype)
    declared = call.integer("output_dtype", 0) or onnx.TensorProto.UINT8
    return type_name(declared)


def type_name(data_type: int) -> str:
    """An ONNX element type as people write it: `float32`."""
    try:
        return str(onnx.helper.tensor_dtype_to_np_dtype(data_type))
    except (KeyError, ValueError, TypeError):
        return f"of element type {data_type}"


@translates("DequantizeLinear")
def dequantize_linear(call: Call) -> Value:
    """A quantised tensor or constant seen as float32."""
    source = call.value(0)
    scale = call.constant(1, "scale")
    zero_point = None if call.optional(2) is None else call.constant(2, "zero point")
    if call.integer("block_size", 0):
        raise Unsupported("blocked quantisation is not supported")
    axis = call.integer("axis", 1)
    if isinstance(source, Folded):
        if source.value.dtype != np.int32:
            refuse_type(f"constant {call.name(0)}", str(source.value.dtype))
        return Folded(source.name, source.value, quantization_of(scale, zero_point, source.dims, axis))
    if not isinstance(source, Tracked) or source.real:
        raise Unsupported(f"input {call.name(0)} is not quantised")
    quant = quantization_of(scale, zero_point, None, axis)
    if not quant.same_as(call.writer.quantization(source.view)):
        raise Unsupported(f"{call.name(0)} has another scale or zero point where it is quantised")
    return tracked(source.view)
