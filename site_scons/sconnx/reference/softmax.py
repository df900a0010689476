# SPDX-License-Identifier: Apache-2.0
"""Softmax over the last axis of an int8 tensor, by a table of exponentials."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.exponential import exp_on_negative, input_scaling, reciprocal_of_one_plus
from sconnx.reference.fixed_point import (
    multiply_by_quantized_multiplier,
    rounding_doubling_high_multiply,
    rounding_shift_right,
)
from sconnx.reference.requantize import quantize_float, saturate
from sconnx.reference.rule import Rule, ScaleError
from sconnx.reference.softmax16 import has_scale

Int8Array = NDArray[np.int8]

DIFFERENCE_BITS = 5
"""Integer bits of a scaled difference x - max: Q5.26."""
_SUM_BITS = 12
"""Integer bits of the sum of exponentials: Q12.19."""


@dataclass(frozen=True, slots=True, eq=False)
class FixedPointSoftmax:
    """Softmax by the TFLite rule; an output of b bits has scale 2^-b and the least zero point.

    sum = sum of e rounded to Q12.19, n = leading zeros of sum; r = 1 / (sum << n) as Q0.31;
    q = clamp(e * r >> (43 - b - n)) - 2^(b-1), the product rounded half up, the shift half away from zero.

    Attributes:
        exponentials: int32 (256,): exp(-d * beta * s_in) as Q0.31 for d = max - x; 0 where it is negligible.
        dtype: of the output, int8 or int16.
    """

    exponentials: NDArray[np.int32]
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.int8))

    def __call__(self, x: Int8Array) -> NDArray[Any]:
        """Softmax of every row of x [..., C]; C at most 4095, so that the sum fits int32."""
        exponential = self.exponentials[_distance(x)].astype(np.int64)
        total = rounding_shift_right(exponential, _SUM_BITS).sum(axis=-1, keepdims=True)
        # frexp's exponent is the bit length: exact below 2^53.
        zeros = 32 - np.frexp(total.astype(np.float64))[1].astype(np.int64)
        reciprocal = reciprocal_of_one_plus((total << zeros) - (1 << 31))
        product = rounding_doubling_high_multiply(reciprocal, exponential)
        limits = np.iinfo(self.dtype)
        scaled = rounding_shift_right(product, _SUM_BITS - zeros + 31 - limits.bits)
        return saturate(scaled + int(limits.min), int(limits.min), int(limits.max), self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class FloatSoftmax:
    """Softmax by the ONNX rule, every operation in float32, the sum in index order.

    q = clamp(rint((e / sum) / s_out) + zero_point), halves to even.

    Attributes:
        exponentials: int32 (256,), bits of float32: exp(-(d * s_in)) for d = max - x.
        output_scale: a float32 value.
        zero_point: of the output.
    """

    exponentials: NDArray[np.int32]
    output_scale: float
    zero_point: int

    def __call__(self, x: Int8Array) -> Int8Array:
        """Softmax of every row of x [..., C]."""
        exponential = self.exponentials.view(np.float32)[_distance(x)]
        # An accumulation is sequential, where np.sum adds pairwise.
        total = np.add.accumulate(exponential, axis=-1, dtype=np.float32)[..., -1:]
        return quantize_float(exponential / total / np.float32(self.output_scale), self.zero_point)


def softmax(
    rule: Rule,
    *,
    input_scale: float,
    output_scale: float,
    output_zero_point: int,
    beta: float = 1.0,
    dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8,
) -> FixedPointSoftmax | FloatSoftmax:
    """Derive the table of exponentials.

    Args:
        beta: factor of the inputs, a float32 value (TFLITE; ONNX has none).
        dtype: of the output, int8 or int16 (TFLITE; ONNX has int8 only).

    Raises:
        ScaleError: the rule is TFLITE and the output is not quantised by 1/256 and -128, or 1/65536 and -32768.
        ValueError: the rule is ONNX and beta is not 1.
    """
    if rule is Rule.TFLITE:
        limits = np.iinfo(dtype)
        is_right = has_scale(output_scale, 16) if limits.bits == 16 else np.float32(output_scale) == np.float32(1 / 256)
        if output_zero_point != limits.min or not is_right:
            raise ScaleError(f"TFLite softmax writes with scale 1/{1 << limits.bits} and zero point {limits.min}")
        factor = float(np.float32(beta)) * float(np.float32(input_scale))
        return FixedPointSoftmax(_fixed_point_exponentials(factor), np.dtype(dtype))
    if beta != 1.0:
        raise ValueError("ONNX softmax has no beta")
    scaled = np.arange(256).astype(np.float32) * np.float32(input_scale)
    table = np.array([math.exp(-value) for value in scaled.tolist()], np.float32)
    return FloatSoftmax(table.view(np.int32), float(np.float32(output_scale)), output_zero_point)


def _fixed_point_exponentials(factor: float) -> NDArray[np.int32]:
    multiplier, shift, radius = input_scaling(factor, DIFFERENCE_BITS)
    distance = np.arange(256)
    used = distance <= radius
    scaled = multiply_by_quantized_multiplier(np.where(used, -distance, 0), multiplier, shift)
    return np.where(used, exp_on_negative(scaled, DIFFERENCE_BITS), 0).astype(np.int32)


def _distance(x: Int8Array) -> NDArray[np.int64]:
    wide = x.astype(np.int64)
    result: NDArray[np.int64] = wide.max(axis=-1, keepdims=True) - wide
    return result
