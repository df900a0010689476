# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear and DequantizeLinear."""

from __future__ import annotations

import numpy as np
import onnx

from sconnx.frontend.onnx.binary import binary
from sconnx.frontend.onnx.call import Call, tracked, translates
from sconnx.frontend.onnx.computed import activation_of, clamped, emitter, integer_limits
from sconnx.frontend.onnx.operands import type_of
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.scales import RANGES, as_int8, quantization_of, quantize
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Cast, Mul, Operator, Relu, Relu6, Requantize, Sub
from sconnx.graph.tensor import DType


def rescaled(call: Call, view: View) -> Pending:
    """A quantised int8 tensor waiting to be quantised again: unchanged, Requantize, Relu or Relu6."""
    writer = call.writer
    source = writer.quantization(view)

    def with_int8(quant: QuantValues, bounds: Bounds) -> View:
        if quant.same_as(source) and integer_limits(bounds, quant) == (-128, 127):
            return view
        alone: dict[Activation | None, Operator] = {
            Activation.NONE: Requantize(),
            Activation.RELU: Relu(),
            Activation.RELU6: Relu6(),
        }
        operator = alone.get(activation_of(bounds, quant))
        if operator is not None:
            return View(writer.node(operator, (view.tensor,), quant, call.index), view.dims, view.order)
        output = view.tensor
        if not quant.same_as(source):
            output = writer.node(Requantize(), (view.tensor,), quant, call.index)
        return clamped(writer, View(output, view.dims, view.order), bounds, call.index)

    return Pending(view.dims, emitter(call, with_int8, lambda: writer.dequantized(view)), natural=source)


@translates("QuantizeLinear")
def quantize_linear(call: Call) -> Value:
    """Ends a float32 result, rescales a quantised tensor, or quantises a constant."""
    source = call.value(0)
    scale = call.constant(1, "scale")
    zero_point = None if call.optional(2) is None else call.constant(2, "zero point")
    dtype = output_type(call.node, zero_point)
    unsigned = dtype == "uint8"
    if call.integer("block_size", 0):
        raise Unsupported("blocked quantisation of what is computed is not supported")
    axis = call.integer("axis", 1)
    if isinstance(source, Folded):
        quant = quantization_of(scale, zero_point, source.dims, axis, unsigned=unsigned)
        return Folded(source.name, quantize(source.real(), quant, dtype))
    if dtype not in ("int8", "uint8", "int16"):
        name = printable(call.node.output[0])
        raise Unsupported(f"the output of QuantizeLinear {name} is {dtype}; only int8, uint8 and int16 are supported")
    quant = quantization_of(scale, zero_point, None, axis, unsigned=unsigned)
    if isinstance(source, Tracked) and not source.real:
        raise Unsupported(f"input {call.name(0)} is {type_of(call.writer, source)} already")
    if dtype == "int16":
        return Tracked(call.writer.quantized(call.real(0), quant, call.index, DType.INT16), real=False)
    if isinstance(source, Tracked):
        if not call.writer.is_quantized(source.view):
            return Tracked(call.writer.quantized(call.real(0), quant, call.index), real=False, unsigned=unsigned)
        source = rescaled(call, source.view)
    return Tracked(source.emit(quant, Bounds()), real=False, unsigned=unsigned)


def output_type(node: onnx.NodeProto, zero_point: Folded | None) -> str:
    """The element type QuantizeLinear writes: that of the zero point, else `output_dtype`, else uint8."""
    if zero_point is not None:
        return str(zero_point.value.dtype)
    declared = next((attribute.i for attribute in node.attribute if attribute.name == "output_dtype"), 0)
    return type_name(declared or onnx.TensorProto.UINT8)


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
    axis = call.integer("axis", 1)
    if isinstance(source, Folded):
        return _constant(call, source, scale, zero_point, axis)
    if not isinstance(source, Tracked) or source.real:
        raise Unsupported(f"input {call.name(0)} is {type_of(call.writer, source)} already")
    if source.view.tensor not in call.writer.builder.quantizations:
        return _by_arithmetic(call, scale, zero_point)
    quant = quantization_of(scale, zero_point, None, axis, unsigned=source.unsigned)
    if not quant.same_as(call.writer.quantization(source.view)):
        raise Unsupported(f"{call.name(0)} has another scale or zero point where it is quantised")
    return tracked(source.view)


def _by_arithmetic(call: Call, scale: Folded, zero_point: Folded | None) -> Value:
    """(x - zero point) * scale of integers that no QuantizeLinear made; with one scale, or one per index of `axis`."""
    view = call.plain(0)
    real = View(call.writer.node(Cast(), (view.tensor,), None, call.index), view.dims, view.order)
    shape = [1] * len(view.dims)
    if scale.value.size > 1:
        (axis,) = axes_from(len(view.dims), (call.integer("axis", 1),))
        shape[axis] = -1
    result: Value = call.as_value(real)
    if zero_point is not None and zero_point.value.any():
        result = binary(
            call, Sub(), result, Folded(zero_point.name, zero_point.value.astype(np.float32).reshape(shape))
        )
    return binary(call, Mul(), result, Folded(scale.name, scale.value.astype(np.float32).reshape(shape)))


def _constant(call: Call, source: Folded, scale: Folded, zero_point: Folded | None, axis: int) -> Folded:
    """A constant with its scales; one that is quantised in blocks as the real numbers."""
    dtype = source.value.dtype.name
    if dtype not in (*RANGES, "int32"):
        raise Unsupported(
            f"constant {call.name(0)} is {dtype}; only int8, uint8, int16, int32, int4 and uint4 are supported"
        )
    size = call.integer("block_size", 0)
    if not size:
        quant = quantization_of(scale, zero_point, source.dims, axis, unsigned=dtype == "uint8")
        return Folded(source.name, as_int8(source.value), quant)
    if size < 0 or not -source.value.ndim <= axis < source.value.ndim or scale.value.ndim != source.value.ndim:
        raise Unsupported(f"blocks of {size} along axis {axis} do not fit dims {source.dims}")
    length = source.dims[axis]
    scales = np.repeat(scale.value.astype(np.float32), size, axis).take(range(length), axis)
    point = (
        np.zeros_like(scales)
        if zero_point is None
        else np.repeat(zero_point.value, size, axis).take(range(length), axis)
    )
    return Folded(
        source.name, ((source.value.astype(np.float32) - point.astype(np.float32)) * scales).astype(np.float32)
    )
