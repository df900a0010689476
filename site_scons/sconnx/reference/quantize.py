# SPDX-License-Identifier: Apache-2.0
"""float32 <-> int8 on the host, for the inputs and outputs of a graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.requantize import INT8_MAX, INT8_MIN, quantize_float
from sconnx.reference.rule import Rule


def quantize(rule: Rule, x: NDArray[np.float32], scale: float, zero_point: int) -> NDArray[np.int8]:
    """clamp(round(x / scale) + zero_point), the division in float32.

    Halves are rounded away from zero (TFLITE) or to even (ONNX).
    """
    scaled = x / np.float32(scale)
    if rule is Rule.ONNX:
        return quantize_float(scaled, zero_point)
    # Halves are exact in float64, where adding 1/2 cannot round up to the next integer.
    wide = scaled.astype(np.float64)
    rounded = np.copysign(np.floor(np.abs(wide) + 0.5), wide)
    limited = np.clip(rounded, INT8_MIN - zero_point, INT8_MAX - zero_point)
    result: NDArray[np.int8] = (limited.astype(np.int64) + zero_point).astype(np.int8)
    return result


def dequantize(q: NDArray[np.int8], scale: float, zero_point: int) -> NDArray[np.float32]:
    """(q - zero_point) * scale in float32."""
    result: NDArray[np.float32] = (q.astype(np.int32) - zero_point).astype(np.float32) * np.float32(scale)
    return result
