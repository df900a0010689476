# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear and DequantizeLinear."""

from __future__ import annotations

import numpy as np
import onnx

from sconnx.frontend.onnx.binary import binary, converted
from sconnx.frontend.onnx.call import Call, tracked, translates
from sconnx.frontend.onnx.movers import reshaped
from sconnx.frontend.onnx.operands import type_of
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.rescale import rescaled
from sconnx.frontend.onnx.scales import RANGES, as_int8, quantization_of, quantize
from sconnx.frontend.onnx.unary import unary
from sconnx.frontend.onnx.values import Bounds, Folded, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from
from sconnx.graph.operator import (
    Add,
    Cast,
    Clip,
    Dims,
    Div,
    Mul,
    Round,
    Sub,
)
from sconnx.graph.tensor import DType


@translates("QuantizeLinear")
def quantize_linear(call: Call) -> Value:
    """Ends a float32 result, rescales a quantised tensor, or quantises a constant."""
    source, scale, zero_point = call.value(0), call.value(1), call.optional(2)
    if call.integer("block_size", 0) and not isinstance(source, Folded):
        return _at_run_time(call, _spread(call, scale), None if zero_point is None else _spread(call, zero_point))
    if not isinstance(scale, Folded) or not isinstance(zero_point, Folded | None):
        return _at_run_time(call, scale, zero_point)
    dtype = output_type(call.node, zero_point)
    unsigned, axis = dtype == "uint8", call.integer("axis", 1)
    if isinstance(source, Folded):
        quant = quantization_of(scale, zero_point, source.dims, axis, unsigned=unsigned)
        return Folded(source.name, quantize(source.real(), quant, dtype))
    if dtype not in ("int8", "uint8", "int16"):
        name = printable(call.node.output[0])
        raise Unsupported(f"the output of QuantizeLinear {name} is {dtype}; only int8, uint8 and int16 are supported")
    if scale.value.size > 1:
        return _at_run_time(call, scale, zero_point)
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


def _spread(call: Call, value: Value) -> Value:
    """Scales or zero points of blocks, one for each element; all others as they are."""
    size = call.integer("block_size", 0)
    if not size:
        return value
    dims = call.value(0).dims
    (axis,) = axes_from(len(dims), (call.integer("axis", 1),))
    blocks = tuple(-(-dim // max(size, 1)) if place == axis else dim for place, dim in enumerate(dims))
    if not 0 < size <= dims[axis] or not isinstance(value, Folded) or value.dims != blocks:
        raise Unsupported(f"blocks of {size} along axis {axis} do not fit dims {dims}")
    return Folded(value.name, np.repeat(value.value, size, axis).take(range(dims[axis]), axis))


def _at_run_time(call: Call, scale: Value, zero_point: Value | None) -> Value:
    """saturate(round(x / scale) + zero point) by a scale that is computed, or by one per index of an axis: plain integers."""
    if zero_point is None:
        dtype = output_type(call.node, None)
    else:
        dtype = type_of(call.writer, zero_point)
    if dtype not in ("int8", "uint8", "int16"):
        raise Unsupported(f"it makes {dtype} by a computed scale; only int8, uint8 and int16 are supported")
    value = call.value(0)
    shape = _along(call, value.dims, scale)
    result = unary(call, Round(), binary(call, Div(), value, reshaped(call, scale, shape)))
    if zero_point is not None:
        result = binary(call, Add(), result, _as_float32(call, zero_point, shape))
    low, high = RANGES[dtype]
    view = call.plain_of(unary(call, Clip(low=low, high=high), result))
    return call.as_value(
        View(call.writer.node(Cast(), (view.tensor,), None, call.index, DType(dtype)), view.dims, view.order)
    )


def _along(call: Call, dims: Dims, scale: Value) -> Dims:
    """The dims in which scales broadcast: one scale, or one per index of `axis`."""
    if scale.dims in ((), (1,), dims):
        return scale.dims
    (axis,) = axes_from(len(dims), (call.integer("axis", 1),))
    if scale.dims != (dims[axis],):
        raise Unsupported(f"scales of dims {scale.dims} do not fit dims {dims} along axis {axis}")
    return tuple(dim if place == axis else 1 for place, dim in enumerate(dims))


def _as_float32(call: Call, value: Value, dims: Dims) -> Value:
    """Integers as float32, under dims that broadcast."""
    if isinstance(value, Folded):
        return Folded(value.name, value.value.astype(np.float32).reshape(dims))
    return reshaped(call, converted(call, value, DType.FLOAT32), dims)


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
    source, scale, zero_point = call.value(0), call.value(1), call.optional(2)
    axis = call.integer("axis", 1)
    is_fixed = isinstance(scale, Folded) and isinstance(zero_point, Folded | None)
    if isinstance(source, Folded) and is_fixed:
        return _constant(call, source, call.constant(1, "scale"), zero_point, axis)  # type: ignore[arg-type]
    if not isinstance(source, Folded) and (not isinstance(source, Tracked) or source.real):
        raise Unsupported(f"input {call.name(0)} is {type_of(call.writer, source)} already")
    quantizations = call.writer.builder.quantizations
    if call.integer("block_size", 0):
        return _by_arithmetic(call, _spread(call, scale), None if zero_point is None else _spread(call, zero_point))
    if isinstance(source, Folded) or not is_fixed or source.view.tensor not in quantizations:
        return _by_arithmetic(call, scale, zero_point)
    quant = quantization_of(call.constant(1, "scale"), zero_point, None, axis, unsigned=source.unsigned)  # type: ignore[arg-type]
    if not quant.same_as(call.writer.quantization(source.view)):
        raise Unsupported(f"{call.name(0)} has another scale or zero point where it is quantised")
    return tracked(source.view)


def _by_arithmetic(call: Call, scale: Value, zero_point: Value | None) -> Value:
    """(x - zero point) * scale of integers that no QuantizeLinear made, or by a scale that is computed."""
    value = call.value(0)
    shape = _along(call, value.dims, scale)
    result = _as_float32(call, value, value.dims)
    if zero_point is not None:
        result = binary(call, Sub(), result, _as_float32(call, zero_point, shape))
    return binary(call, Mul(), result, reshaped(call, scale, shape))


def _constant(call: Call, source: Folded, scale: Folded, zero_point: Folded | None, axis: int) -> Folded:
    """A constant with its scales; one that is quantised in blocks as the real numbers."""
    dtype = source.value.dtype.name
    if dtype not in (*RANGES, "int32"):
        raise Unsupported(
            f"constant {call.name(0)} is {dtype}; only int8, uint8, int16, int32, int4 and uint4 are supported"
        )
    if not call.integer("block_size", 0):
        quant = quantization_of(scale, zero_point, source.dims, axis, unsigned=dtype == "uint8")
        return Folded(source.name, as_int8(source.value), quant)
    scales, points = _spread(call, scale), None if zero_point is None else _spread(call, zero_point)
    assert isinstance(scales, Folded)
    shift = points.value.astype(np.float32) if isinstance(points, Folded) else np.float32(0)
    return Folded(source.name, (source.value.astype(np.float32) - shift) * scales.value.astype(np.float32))
