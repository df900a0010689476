# SPDX-License-Identifier: Apache-2.0
"""Scales and zero points, and constants quantised by them. What ONNX has in uint8 is int8 here, 128 smaller."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sconnx.frontend.onnx.operands import UNSIGNED
from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Folded, Unsupported
from sconnx.graph.model import QuantValues

SCALES = (np.float32(1e-20), np.float32(1e9))
"""Smallest and largest scale of an activation: quotients of two such scales times a third are finite in float32."""
RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "int4": (-8, 7), "uint4": (0, 15)}
"""The integers that QuantizeLinear makes, by element type."""


def quantization_of(
    scale: Folded, zero_point: Folded | None, dims: tuple[int, ...] | None, axis: int, *, unsigned: bool = False
) -> QuantValues:
    """Scale and zero point inputs as values.

    Args:
        dims: of the quantised constant; None for an activation, which must have one scale. The scale of a
            constant may be as small as it likes: channels that died in training have such weights.
        axis: of the constant that has one scale per index.
        unsigned: whether the zero points are those of uint8; they become those of int8.
    """
    if scale.value.dtype != np.float32 or scale.quantization is not None:
        raise Unsupported(f"scale {printable(scale.name)} is {scale.value.dtype}; only float32 is supported")
    if scale.value.size == 0:
        raise Unsupported(f"scale {printable(scale.name)} is empty")
    scales = scale.value.astype(np.float32)
    if not np.all((scales >= (SCALES[0] if dims is None else 0)) & (scales <= SCALES[1])):
        raise Unsupported(f"scale {printable(scale.name)} is not between {SCALES[0]:g} and {SCALES[1]:g}")
    points = _zero_points(zero_point) - (UNSIGNED if unsigned else 0)
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
    if values.dtype.name not in (*RANGES, "int32"):
        raise Unsupported(f"zero point {printable(zero_point.name)} is {values.dtype}; only integers are supported")
    if values.dtype == np.int32 and values.any():
        raise Unsupported(f"zero point {printable(zero_point.name)} of int32 values is not 0")
    return values.astype(np.int32).reshape(-1)


def quantize(real: NDArray[np.float32], quant: QuantValues, dtype: str = "int8") -> NDArray[np.generic]:
    """QuantizeLinear as ONNX defines it: saturate(rint(x / scale) + zero_point), float32, halves to even.

    Args:
        dtype: of the result. The zero point is that of int8 also for uint8.
    """
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
    offset = UNSIGNED if dtype == "uint8" else 0
    integers: NDArray[np.generic] = np.clip(scaled + point + offset, *RANGES[dtype])
    return integers.astype("int8" if "int4" in dtype else dtype)


def as_int8(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Quantised elements in the types that are computed with: uint8 as int8, 128 smaller; int4 and uint4 as int8."""
    if values.dtype == np.uint8:
        return (values.astype(np.int16) - UNSIGNED).astype(np.int8)
    return values.astype(np.int8) if values.dtype.name in ("int4", "uint4") else values
