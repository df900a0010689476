# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements without changing them. Quantisation passes through."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sconnx.frontend.onnx.call import Call, translates
from sconnx.frontend.onnx.operands import is_quantized, quantized
from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Tracked, Unsupported, Value, View
from sconnx.frontend.onnx.writer import axes_from
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Dims


def through(call: Call, value: Value, dims: Dims, move: Callable[[View], View]) -> Value:
    """Apply a movement to a value: now, or once it is read. A constant becomes a tensor.

    Args:
        dims: after the movement.
    """
    if isinstance(value, Folded):
        kept = value.quantization is not None and is_quantized(call.writer, value)
        return (
            Tracked(move(quantized(call.writer, value)), real=True)
            if kept
            else call.as_value(move(call.plain_of(value)))
        )
    if isinstance(value, Tracked):
        return replace(value, view=move(value.view))
    emit = value.emit

    def moved(quant: QuantValues | None, bounds: Bounds) -> View:
        return move(emit(quant, bounds))

    return Pending(dims, moved, natural=value.natural)


def reshaped(call: Call, value: Value, dims: Dims) -> Value:
    """A value under other dims."""
    if math.prod(dims) != math.prod(value.dims) or any(dim < 1 for dim in dims):
        raise Unsupported(f"dims {value.dims} cannot be reshaped to {dims}")
    if isinstance(value, Folded):
        if value.quantization is not None and value.quantization.axis is not None:
            return Folded(value.name, value.real().reshape(dims))
        return replace(value, value=value.value.reshape(dims))
    return through(call, value, dims, lambda view: call.writer.reshape(view, dims, call.index))


@translates("Identity")
def identity(call: Call) -> Value:
    return call.value(0)


@translates("Dropout")
def dropout(call: Call) -> tuple[Value, ...]:
    """The identity, outside of training, or with a ratio of 0; the mask lets everything through."""
    training, ratio = call.optional(2), call.optional(1)
    drops = training is not None and (not isinstance(training, Folded) or bool(training.value.any()))
    if drops and not (isinstance(ratio, Folded) and not ratio.value.any()):
        raise Unsupported("it is in training mode")
    value = call.value(0)
    return value, Folded(call.node.op_type, np.ones(value.dims, np.bool_ if call.opset >= 10 else np.float32))


@translates("Transpose")
def transpose(call: Call) -> Value:
    value = call.value(0)
    count = len(value.dims)
    given = call.integers("perm")
    permutation = tuple(reversed(range(count))) if given is None else axes_from(count, given)
    if len(permutation) != count:
        raise Unsupported(f"permutation {list(permutation)} does not fit dims {value.dims}")
    return transposed(call, value, permutation)


def transposed(call: Call, value: Value, permutation: tuple[int, ...]) -> Value:
    """A value whose dimension i is the old permutation[i]."""
    if isinstance(value, Folded):
        quant = value.quantization
        if quant is not None and quant.axis is not None:
            quant = replace(quant, axis=permutation.index(quant.axis))
        return Folded(value.name, value.value.transpose(permutation), quant)
    dims = tuple(value.dims[axis] for axis in permutation)
    return through(call, value, dims, lambda view: call.writer.transpose(view, permutation, call.index))


@translates("Reshape")
def reshape(call: Call) -> Value:
    value = call.value(0)
    shape = call.integers("shape") if call.opset < 5 else call.constant_integers(1, "shape")
    if shape is None:
        raise Unsupported("input 1 is missing")
    copy_zero = not call.integer("allowzero", 0)
    if copy_zero and any(dim == 0 and axis >= len(value.dims) for axis, dim in enumerate(shape)):
        raise Unsupported(f"shape {list(shape)} does not fit dims {value.dims}")
    dims = [value.dims[axis] if dim == 0 and copy_zero else dim for axis, dim in enumerate(shape)]
    if -1 in dims:
        known = math.prod(dim for dim in dims if dim != -1)
        if known < 1 or dims.count(-1) > 1:
            raise Unsupported(f"shape {list(shape)} does not fit dims {value.dims}")
        dims[dims.index(-1)] = math.prod(value.dims) // known
    return reshaped(call, call.value(0), tuple(dims))


@translates("Flatten")
def flatten(call: Call) -> Value:
    dims = call.value(0).dims
    axis = call.integer("axis", 1)
    axis = axis + len(dims) if axis < 0 else axis
    if not 0 <= axis <= len(dims):
        raise Unsupported(f"axis {axis} does not fit dims {dims}")
    return reshaped(call, call.value(0), (math.prod(dims[:axis]), math.prod(dims[axis:])))


def _axes(call: Call) -> tuple[int, ...] | None:
    """The axes of Squeeze and Unsqueeze: an attribute until opset 12, then an input."""
    return call.integers("axes") if call.opset < 13 else call.constant_integers(1, "axes")


@translates("Squeeze")
def squeeze(call: Call) -> Value:
    dims = call.value(0).dims
    given = _axes(call)
    axes = [axis for axis, dim in enumerate(dims) if dim == 1] if given is None else axes_from(len(dims), given)
    if any(dims[axis] != 1 for axis in axes):
        raise Unsupported(f"axes {list(axes)} of dims {dims} are not all 1")
    return reshaped(call, call.value(0), tuple(dim for axis, dim in enumerate(dims) if axis not in axes))


@translates("Unsqueeze")
def unsqueeze(call: Call) -> Value:
    dims = call.value(0).dims
    given = _axes(call)
    if given is None:
        raise Unsupported("its axes are missing")
    axes = axes_from(len(dims) + len(given), given)
    rest = iter(dims)
    return reshaped(
        call, call.value(0), tuple(1 if axis in axes else next(rest) for axis in range(len(dims) + len(axes)))
    )
