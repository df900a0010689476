# SPDX-License-Identifier: Apache-2.0
"""float32 <-> integers on the host, for the inputs and outputs of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.rule import Rule


def quantize(
    rule: Rule,
    x: NDArray[np.float32],
    scale: float | NDArray[np.float32],
    zero_point: int | NDArray[np.int32],
    dtype: type[np.integer[Any]] | np.dtype[np.integer[Any]] = np.int8,
) -> NDArray[Any]:
    """clamp(round(x / scale) + zero_point) to the range of `dtype`, the division in float32.

    Halves are rounded away from zero (TFLITE) or to even (ONNX). Scales and zero points may be arrays that broadcast to x.
    """
    # Halves are exact in float64, where adding 1/2 cannot round up to the next integer.
    with np.errstate(over="ignore"):
        wide = (x / np.asarray(scale, np.float32)).astype(np.float64)
    rounded = np.rint(wide) if rule is Rule.ONNX else np.copysign(np.floor(np.abs(wide) + 0.5), wide)
    limits = np.iinfo(dtype)
    # Clamped before the conversion to an integer, which has no room for large floats.
    limited = np.clip(rounded, int(limits.min) - zero_point, int(limits.max) - zero_point)
    return (limited.astype(np.int64) + zero_point).astype(dtype)


def dequantize(
    q: NDArray[np.integer[Any]], scale: float | NDArray[np.float32], zero_point: int | NDArray[np.int32]
) -> NDArray[np.float32]:
    """(q - zero_point) * scale in float32; infinite where that is beyond its range."""
    with np.errstate(over="ignore"):
        result: NDArray[np.float32] = (q.astype(np.int32) - zero_point).astype(np.float32) * np.asarray(
            scale, np.float32
        )
    return result
