# SPDX-License-Identifier: Apache-2.0
"""Values as the IR tensors that an operator reads: int8 with a quantisation, float32, or as they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.values import Bounds, Folded, Pending, Unsupported, Value, View
from sconnx.frontend.onnx.writer import Writer
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Requantize
from sconnx.graph.tensor import DType

UNSIGNED = 128
"""What uint8 elements are larger than the int8 ones that stand for the same real numbers."""


def is_quantized(writer: Writer, value: Value) -> bool:
    """Whether ONNX sees a value as float32, and it is an int8 tensor, or a constant that int8 can hold exactly."""
    if isinstance(value, Folded):
        return _exact(value) is not None
    if isinstance(value, Pending):
        return value.natural is not None
    return value.real and writer.is_quantized(value.view)


def quantized(writer: Writer, value: Value) -> View:
    """The int8 tensor of a value for which `is_quantized` holds."""
    if isinstance(value, Pending):
        assert value.natural is not None
        return value.emit(value.natural, Bounds())
    if isinstance(value, Folded):
        exact = _exact(value)
        assert exact is not None
        return writer.constant(value.name, *exact)
    return value.view


def real(writer: Writer, value: Value) -> View:
    """A value as a float32 tensor.

    Raises:
        Unsupported: it is of another type.
    """
    if isinstance(value, Folded):
        if not value.is_real:
            raise Unsupported(f"it is {value.value.dtype}, not float32")
        return writer.constant(value.name, value.real())
    if isinstance(value, Pending):
        return writer.dequantized(quantized(writer, value)) if value.natural else value.emit(None, Bounds())
    if not value.real:
        raise Unsupported(f"it is {type_of(writer, value)}, not float32; a DequantizeLinear or Cast is missing")
    return value.view if writer.dtype(value.view) is DType.FLOAT32 else writer.dequantized(value.view)


def plain(writer: Writer, value: Value) -> View:
    """A value as a tensor of the elements that ONNX sees."""
    if isinstance(value, Folded):
        return real(writer, value) if value.quantization else writer.constant(value.name, value.value)
    if isinstance(value, Pending) or value.real:
        return real(writer, value)
    return with_uint8(writer, value.view) if value.unsigned else value.view


def type_of(writer: Writer, value: Value) -> str:
    """The element type as ONNX sees it: `float32`."""
    if isinstance(value, Folded):
        return "float32" if value.quantization else value.value.dtype.name
    if isinstance(value, Pending) or value.real:
        return "float32"
    return "uint8" if value.unsigned else writer.dtype(value.view).value


def with_uint8(writer: Writer, view: View) -> View:
    """A quantised int8 tensor as uint8: elements and zero point are 128 larger."""
    quant = writer.quantization(view)
    shifted = QuantValues(quant.scale, quant.zero_point + np.int32(UNSIGNED))
    tensor = writer.node(Requantize(), (view.tensor,), shifted, writer.current, DType.UINT8)
    return View(tensor, view.dims, view.order, view.mover)


def _exact(value: Folded) -> tuple[NDArray[np.int8], QuantValues] | None:
    """A constant of float32 as int8 with one scale, when no bit is lost: stored so, or one number throughout."""
    quant = value.quantization
    if quant is not None:
        if value.value.dtype != np.int8 or quant.axis is not None or not quant.scale[0] > 0:
            return None
        return value.value.astype(np.int8), quant
    if not value.is_real or value.value.size == 0:
        return None
    numbers = value.real()
    number = numbers.reshape(-1)[0]
    if not np.isfinite(number) or not np.all(numbers == number):
        return None
    return np.sign(numbers).astype(np.int8), QuantValues.of(abs(number) or 1.0)
