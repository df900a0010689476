# SPDX-License-Identifier: Apache-2.0
"""Sums, means and cumulative sums of int8 tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.binary import LEFT_SHIFT, Affine
from sconnx.reference.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from sconnx.reference.requantize import INT8_MAX, INT8_MIN, Requantize, quantize_float, requantize_by, saturate
from sconnx.reference.rule import Rule, ScaleError

Int8Array = NDArray[np.int8]


def requantize_sum(rule: Rule, x: Affine, y: Affine) -> Requantize:
    """How the sum of centred codes becomes a code: the factor s_x / s_y, in double (TFLITE) or float32 (ONNX)."""
    if rule is Rule.ONNX:
        return requantize_by(rule, np.float32(x.scale) / np.float32(y.scale), y.scale, y.zero_point)
    return requantize_by(rule, _ratio(x, y), y.scale, y.zero_point)


def requantize_mean(rule: Rule, count: int, x: Affine, y: Affine) -> Requantize:
    """How the sum of `count` centred codes becomes the code of their mean.

    TFLITE divides the Q31 mantissa of s_x / s_y by `count`, shifted left before by the bits that the count has but the first
    (tflite-micro, `kernels/internal/reference/reduce.h`). ONNX: the factor float32(float32(s_x / count) / s_y), as an average
    pooling has it.
    """
    if rule is Rule.ONNX:
        factor = np.float32(x.scale) / np.float32(count) / np.float32(y.scale)
        return requantize_by(rule, factor, y.scale, y.zero_point)
    multiplier, shift = quantize_multiplier(_ratio(x, y))
    more = min(count.bit_length() - 1, 32, 31 + shift)
    return Requantize(
        rule,
        np.array([(multiplier << more) // count], np.int32),
        np.array([shift - more], np.int8),
        y.zero_point,
        INT8_MIN,
        INT8_MAX,
    )


def _ratio(x: Affine, y: Affine) -> float:
    return float(np.float32(x.scale)) / float(np.float32(y.scale))


@dataclass(frozen=True, slots=True)
class CumulativeSum:
    """The sums of the elements up to each one along an axis.

    TFLITE: sums of (q - z_x) << 19, modulo 2^32, which begin with -z_x << 19 instead of 0, scaled by M = 2 * s_x / (2^20 * s_y)
    (tflite-micro, `kernels/internal/reference/cumsum.h`). ONNX: rint(sum * s_x / s_y), the factor a float32.

    Attributes:
        factor: Q31 multiplier and shift (TFLITE), or the bits of the float32 and 0.
    """

    rule: Rule
    factor: tuple[int, int]
    input_zero_point: int
    zero_point: int

    @property
    def first(self) -> int:
        """What the sums begin with, in centred codes."""
        return -self.input_zero_point if self.rule is Rule.TFLITE else 0

    def __call__(self, x: Int8Array, axis: int, *, exclusive: bool, reverse: bool) -> Int8Array:
        centred = np.moveaxis(x.astype(np.int64) - self.input_zero_point, axis, 0)
        forward = centred[::-1] if reverse else centred
        totals = np.cumsum(forward, axis=0) - (forward if exclusive else 0) + self.first
        result = self._stored(totals[::-1] if reverse else totals)
        return np.moveaxis(result, 0, axis)

    def _stored(self, totals: NDArray[np.int64]) -> Int8Array:
        if self.rule is Rule.ONNX:
            factor = np.int32(self.factor[0]).view(np.float32)
            return quantize_float(totals.astype(np.float32) * factor, self.zero_point)
        wrapped = (totals << (LEFT_SHIFT - 1)).astype(np.int32)
        scaled = multiply_by_quantized_multiplier(wrapped, *self.factor)
        return saturate(scaled + self.zero_point, INT8_MIN, INT8_MAX)


def cumulative_sum(rule: Rule, x: Affine, y: Affine) -> CumulativeSum:
    """Derive a cumulative sum.

    Raises:
        ScaleError: the rule is TFLITE and the output scale so small that the multiplier is not below 1; the reference kernels
            refuse that too.
    """
    if rule is Rule.ONNX:
        bits = int((np.float32(x.scale) / np.float32(y.scale)).view(np.int32))
        return CumulativeSum(rule, (bits, 0), x.zero_point, y.zero_point)
    factor = 2 * float(np.float32(x.scale)) / ((1 << LEFT_SHIFT) * float(np.float32(y.scale)))
    if factor >= 1:
        raise ScaleError(f"scale {y.scale} is too small for a cumulative sum of scale {x.scale}")
    return CumulativeSum(rule, quantize_multiplier(factor), x.zero_point, y.zero_point)
