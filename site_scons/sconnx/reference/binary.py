# SPDX-License-Identifier: Apache-2.0
"""Element-wise arithmetic of two int8 tensors whose dims broadcast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.exponential import reciprocal_of_one_plus
from sconnx.reference.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from sconnx.reference.requantize import activation_limits, quantize_float, saturate
from sconnx.reference.rule import Rule, ScaleError

Int8Array = NDArray[np.int8]

LEFT_SHIFT = 20
"""Fraction bits that the TFLite rule adds to both operands of a sum before it scales them."""

SHORT_LEFT_SHIFT = 15
"""The same for int16."""

SQUARE_LEFT_SHIFT = 7
"""The same for a squared difference."""

Float32Array = NDArray[np.float32]


def _divide(a: Float32Array, b: Float32Array) -> Float32Array:
    """a / b; 0 / 0 is no number, which ends as the smallest code, as in ONNX Runtime."""
    with np.errstate(all="ignore"):
        result: Float32Array = np.nan_to_num(np.divide(a, b), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        return result


FLOAT_OPERATIONS: dict[str, Callable[[Float32Array, Float32Array], Float32Array]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": _divide,
    "SquaredDifference": lambda a, b: np.square(a - b),
    "PRelu": lambda a, b: np.where(a >= 0, a, a * b),
}
"""What the ONNX rule does with the real operands, by operator."""


@dataclass(frozen=True, slots=True)
class Affine:
    """Scale (a float32 value) and zero point of an int8 tensor."""

    scale: float
    zero_point: int


@dataclass(frozen=True, slots=True)
class FixedPointSum:
    """Sum or difference by the TFLite rule.

    q = clamp(M_out(M_left((a - z_a) << 20) ± M_right((b - z_b) << 20)) + z_out), where M is a Q31
    multiplier and a shift, rounded twice. M_left = s_a / t, M_right = s_b / t, M_out = t / (2^20 * s_out),
    t = 2 * max(s_a, s_b): all less than 1, so no shift is positive.

    Attributes:
        left: multiplier, shift of the first operand.
        right: multiplier, shift of the second operand.
        output: multiplier, shift of the sum.
        left_zero_point: of the first operand.
        right_zero_point: of the second operand.
        zero_point: of the output.
        minimum: lower clamp limit.
        maximum: upper clamp limit.
        sign: of the second operand, 1 or -1.
        left_shift: fraction bits that operands get.
    """

    left: tuple[int, int]
    right: tuple[int, int]
    output: tuple[int, int]
    left_zero_point: int
    right_zero_point: int
    zero_point: int
    minimum: int
    maximum: int
    sign: int = 1
    left_shift: int = LEFT_SHIFT

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Sum or difference of two tensors that broadcast."""
        left = (a.astype(np.int64) - self.left_zero_point) << self.left_shift
        right = (b.astype(np.int64) - self.right_zero_point) << self.left_shift
        total = multiply_by_quantized_multiplier(left, *self.left)
        total = total + self.sign * multiply_by_quantized_multiplier(right, *self.right)
        scaled = multiply_by_quantized_multiplier(total, *self.output)
        return saturate(scaled + self.zero_point, self.minimum, self.maximum, a.dtype)


@dataclass(frozen=True, slots=True)
class FixedPointProduct:
    """Product by the TFLite rule.

    q = clamp(M((a - z_a) * (b - z_b)) + z_out), where M = s_a * s_b / s_out in double is a Q31 multiplier and a
    shift, rounded twice. Attributes as `FixedPointSum`.
    """

    output: tuple[int, int]
    left_zero_point: int
    right_zero_point: int
    zero_point: int
    minimum: int
    maximum: int

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Product of two tensors that broadcast."""
        product = (a.astype(np.int64) - self.left_zero_point) * (b.astype(np.int64) - self.right_zero_point)
        scaled = multiply_by_quantized_multiplier(product, *self.output)
        return saturate(scaled + self.zero_point, self.minimum, self.maximum, a.dtype)


@dataclass(frozen=True, slots=True)
class FixedPointSquaredDifference:
    """(a - b)^2 by the TFLite rule: as `FixedPointSum`, with 7 more bits, and t^2 / (2^14 * s_out) for the square.

    Formula: tflite-micro, `micro/kernels/squared_difference.cc`.
    """

    left: tuple[int, int]
    right: tuple[int, int]
    output: tuple[int, int]
    left_zero_point: int
    right_zero_point: int
    zero_point: int
    minimum: int
    maximum: int
    left_shift: int = SQUARE_LEFT_SHIFT

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Squared difference of two tensors that broadcast."""
        left = (a.astype(np.int64) - self.left_zero_point) << self.left_shift
        right = (b.astype(np.int64) - self.right_zero_point) << self.left_shift
        difference = multiply_by_quantized_multiplier(left, *self.left)
        difference = difference - multiply_by_quantized_multiplier(right, *self.right)
        scaled = multiply_by_quantized_multiplier(difference * difference, *self.output)
        return saturate(scaled + self.zero_point, self.minimum, self.maximum, a.dtype)


@dataclass(frozen=True, slots=True)
class FixedPointPRelu:
    """a where a >= 0, else a * b, by the TFLite rule: factors s_a / s_out and s_a * s_b / s_out in double.

    Formula: tflite-micro, `micro/kernels/prelu_common.cc`. Attributes as `FixedPointSum`; `left` is the factor of a alone.
    """

    left: tuple[int, int]
    output: tuple[int, int]
    left_zero_point: int
    right_zero_point: int
    zero_point: int
    minimum: int
    maximum: int

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Result for two tensors that broadcast."""
        left = a.astype(np.int64) - self.left_zero_point
        product = left * (b.astype(np.int64) - self.right_zero_point)
        negative = multiply_by_quantized_multiplier(product, *self.output)
        scaled = np.where(left >= 0, multiply_by_quantized_multiplier(left, *self.left), negative)
        return saturate(scaled + self.zero_point, self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class FixedPointQuotient:
    """a / b by the TFLite rule: a by the inverse of b, a Q31 mantissa and a shift, then by s_a / (s_b * s_out).

    What is divided by 0, where tflite-micro stops, becomes the largest or smallest output by its sign, 0 / 0 the smallest.
    A right shift of more than 31 bits, which is undefined there, gives 0. Formula: tflite-micro,
    `kernels/internal/reference/div.h`. Attributes as `FixedPointSum`.
    """

    output: tuple[int, int]
    left_zero_point: int
    right_zero_point: int
    zero_point: int
    minimum: int
    maximum: int

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Quotient of two tensors that broadcast."""
        divisor = b.astype(np.int64) - self.right_zero_point
        x = (a.astype(np.int64) - self.left_zero_point) * np.where(divisor < 0, -1, 1)
        magnitude = np.maximum(np.abs(divisor), 1)
        # frexp's exponent is the bit length.
        bits = np.frexp(magnitude.astype(np.float64))[1].astype(np.int64) - 1
        inverse = reciprocal_of_one_plus((magnitude << (31 - bits)) - (1 << 31))
        headroom = 31 - np.frexp(np.maximum(np.where(x < 0, ~x, x), 0).astype(np.float64))[1].astype(np.int64)
        quotient = multiply_by_quantized_multiplier(x, inverse, headroom)
        multiplier, shift = self.output
        total = shift - bits - headroom
        scaled = multiply_by_quantized_multiplier(quotient, multiplier, np.maximum(total, -31))
        scaled = np.where(total < -31, 0, scaled) + self.zero_point
        by_zero = np.where(x > 0, self.maximum, self.minimum)
        return saturate(np.where(divisor == 0, by_zero, scaled), self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class FloatBinary:
    """Any arithmetic by the ONNX rule, every operation in float32.

    q = clamp(rint(operation((a - z_a) * s_a, (b - z_b) * s_b) / s_out) + z_out), halves to even. The scales are
    float32 values; `operation` is a key of `FLOAT_OPERATIONS`.
    """

    operation: str
    left_scale: float
    right_scale: float
    output_scale: float
    left_zero_point: int
    right_zero_point: int
    zero_point: int
    minimum: int
    maximum: int

    def __call__(self, a: Int8Array, b: Int8Array) -> Int8Array:
        """Result for two tensors that broadcast."""
        left = (a.astype(np.int32) - self.left_zero_point).astype(np.float32) * np.float32(self.left_scale)
        right = (b.astype(np.int32) - self.right_zero_point).astype(np.float32) * np.float32(self.right_scale)
        scaled = FLOAT_OPERATIONS[self.operation](left, right) / np.float32(self.output_scale)
        return quantize_float(scaled, self.zero_point, self.minimum, self.maximum)


FixedPointBinary = (
    FixedPointSum | FixedPointProduct | FixedPointQuotient | FixedPointSquaredDifference | FixedPointPRelu
)


def binary(
    operation: str,
    rule: Rule,
    left: Affine,
    right: Affine,
    output: Affine,
    activation: str = "none",
    dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8,
) -> FixedPointBinary | FloatBinary:
    """Derive the values of an operator in `FLOAT_OPERATIONS`, with its fused activation.

    Args:
        dtype: of all tensors; int16 only by the TFLITE rule.

    Raises:
        KeyError: another operation.
        ScaleError: the rule is TFLITE and the output scale of a sum is so small that the last multiplier is not
            below 1; the reference kernels refuse that too.
    """
    limits = activation_limits(activation, output.scale, output.zero_point, rule, dtype)
    is_short = np.dtype(dtype) == np.int16
    common = (left.zero_point, right.zero_point, output.zero_point, *limits)
    s_left, s_right, s_out = (float(np.float32(operand.scale)) for operand in (left, right, output))
    if rule is Rule.ONNX:
        return FloatBinary(operation, s_left, s_right, s_out, *common)
    if operation == "Mul":
        return FixedPointProduct(quantize_multiplier(s_left * s_right / s_out), *common)
    if operation == "Div":
        return FixedPointQuotient(quantize_multiplier(s_left / (s_right * s_out)), *common)
    if operation == "PRelu":
        factors = (quantize_multiplier(s_left / s_out), quantize_multiplier(s_left * s_right / s_out))
        return FixedPointPRelu(*factors, *common)
    twice_largest = 2 * max(s_left, s_right)
    operands = (quantize_multiplier(s_left / twice_largest), quantize_multiplier(s_right / twice_largest))
    if operation == "SquaredDifference":
        bits = 0 if is_short else SQUARE_LEFT_SHIFT
        factor = twice_largest**2 / ((1 << 2 * bits) * s_out)
        return FixedPointSquaredDifference(*operands, quantize_multiplier(factor), *common, left_shift=bits)
    sign = {"Add": 1, "Sub": -1}[operation]
    bits = SHORT_LEFT_SHIFT if is_short else LEFT_SHIFT
    output_factor = twice_largest / ((1 << bits) * s_out)
    if output_factor >= 1:
        raise ScaleError(f"scale {s_out} is too small for a sum of scales {s_left} and {s_right}")
    return FixedPointSum(*operands, quantize_multiplier(output_factor), *common, sign=sign, left_shift=bits)
