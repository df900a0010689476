# SPDX-License-Identifier: Apache-2.0
"""Average and maximum pooling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.requantize import (
    INT8_MAX,
    INT8_MIN,
    activation_limits,
    quantize_float,
    saturate,
)
from sconnx.reference.rule import Rule, ScaleError
from sconnx.reference.window import Padding, Pair, taps

Int8Array = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class AveragePool:
    """Derived values of an average pooling.

    Attributes:
        rule: TFLITE divides the sum of codes and rounds half away from zero, without a change of scale.
            ONNX multiplies the sum of (q - input_zero_point) by a float32 factor and rounds half to even.
        factors: int32, bits of float32. ONNX: entry n - 1 is for windows of n values:
            float32(float32(s_in / n) / s_out); kernel area long. TFLITE: empty.
        count_include_pad: ONNX only: every window counts the whole kernel area, padding is real 0.
        input_zero_point: of the int8 input.
        output_zero_point: of the int8 output.
        minimum: lower clamp limit.
        maximum: upper clamp limit.
        dtype: of the codes, int8, or int16 by the TFLITE rule.
    """

    rule: Rule
    factors: NDArray[np.int32]
    count_include_pad: bool
    input_zero_point: int
    output_zero_point: int
    minimum: int
    maximum: int
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.int8))

    def __call__(self, total: NDArray[np.int64], count: NDArray[np.int64]) -> Int8Array:
        """Average of `count` codes whose sum is `total`; both of any, broadcastable, shape."""
        if self.rule is Rule.TFLITE:
            magnitude = (np.abs(total) + count // 2) // count
            return saturate(np.sign(total) * magnitude, self.minimum, self.maximum, self.dtype)
        centred = (total - count * self.input_zero_point).astype(np.float32)
        area = np.int64(self.factors.size)
        factor = self.factors.view(np.float32)[(area if self.count_include_pad else count) - 1]
        return quantize_float(centred * factor, self.output_zero_point, self.minimum, self.maximum)


def average_pool(
    rule: Rule,
    kernel: Pair,
    *,
    input_scale: float,
    input_zero_point: int,
    output_scale: float,
    output_zero_point: int,
    activation: str = "none",
    count_include_pad: bool = False,
    dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8,
) -> AveragePool:
    """Derive the values of an average pooling with a kernel of (height, width).

    Raises:
        ScaleError: the rule is TFLITE and input and output are quantised differently, or padding counts.
    """
    minimum, maximum = activation_limits(activation, output_scale, output_zero_point, rule, dtype)
    s_in, s_out = np.float32(input_scale), np.float32(output_scale)
    if rule is Rule.TFLITE:
        if (s_in, input_zero_point) != (s_out, output_zero_point) or count_include_pad:
            raise ScaleError("TFLite average pooling keeps the quantisation and leaves padding out")
        factors = np.zeros(0, np.float32)
    else:
        counts = np.arange(1, kernel[0] * kernel[1] + 1).astype(np.float32)
        factors = s_in / counts / s_out
    bits = factors.view(np.int32)
    limits = (minimum, maximum)
    return AveragePool(rule, bits, count_include_pad, input_zero_point, output_zero_point, *limits, np.dtype(dtype))


def average_pooling2d(
    x: Int8Array,
    *,
    kernel: Pair,
    stride: Pair,
    padding: Padding = (0, 0, 0, 0),
    average: AveragePool,
) -> Int8Array:
    """Average over windows of x [N, H, W, C]. Windows must hold at least one value."""
    inside = np.ones((1, *x.shape[1:3], 1), np.int64)
    total: Any = 0
    count: Any = 0
    for _, _, values in taps(x.astype(np.int64), kernel, stride, (1, 1), padding, 0):
        total = total + values
    for _, _, values in taps(inside, kernel, stride, (1, 1), padding, 0):
        count = count + values
    return average(total, count)


def max_pooling2d(
    x: Int8Array,
    *,
    kernel: Pair,
    stride: Pair,
    dilation: Pair = (1, 1),
    padding: Padding = (0, 0, 0, 0),
    minimum: int = INT8_MIN,
    maximum: int = INT8_MAX,
) -> Int8Array:
    """Maximum over windows of x [N, H, W, C], padding left out, clamped. The quantisation is unchanged."""
    least = int(np.iinfo(x.dtype).min)
    largest = np.int64(least)
    for _, _, values in taps(x.astype(np.int64), kernel, stride, dilation, padding, least):
        largest = np.maximum(largest, values)
    return saturate(np.asarray(largest), minimum, maximum, x.dtype)
