# SPDX-License-Identifier: Apache-2.0
"""int32 accumulator -> int8 value: the multipliers, shifts and clamp limits, and their exact application."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sconnx.reference.fixed_point import (
    INT32_MAX,
    WIDE_EXPONENT,
    multiply_by_quantized_multiplier,
    multiply_wide,
    quantize_multiplier,
)
from sconnx.reference.rule import Rule, ScaleError

INT8_MIN = -128
INT8_MAX = 127
_FAR = 2.0**40
"""Beyond the limits of all types."""

# Real limits of the fused activations; None: the limit of the type.
ACTIVATIONS: dict[str, tuple[float | None, float | None]] = {
    "none": (None, None),
    "relu": (0.0, None),
    "relu6": (0.0, 6.0),
    "relu_n1_to_1": (-1.0, 1.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Requantize:
    """q = clamp(round(accumulator * factor) + zero_point, minimum, maximum).

    Attributes:
        rule: how the product is rounded.
        multiplier: int32, (1,) or (channels,). TFLITE: Q31 mantissas. ONNX: the bits of the float32 factors.
        shift: int8. TFLITE: exponents, as many as multipliers, positive to the left. ONNX: empty.
        zero_point: of the output.
        minimum: lower clamp limit, the fused activation included.
        maximum: upper clamp limit, the fused activation included.
        dtype: of the output, int8 or int16.
        wide: whether accumulators have 48 bits, which are rounded once (`multiply_wide`); only by TFLITE.
    """

    rule: Rule
    multiplier: NDArray[np.int32]
    shift: NDArray[np.int8]
    zero_point: int
    minimum: int
    maximum: int
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.int8))
    wide: bool = False

    def __post_init__(self) -> None:
        if self.wide and np.any(self.shift > WIDE_EXPONENT):
            raise ScaleError(f"a multiplier of sums of 48 bits must be below {1 << WIDE_EXPONENT}")

    @property
    def accumulator_limit(self) -> int:
        """The largest accumulator."""
        return (1 << 47) - 1 if self.wide else INT32_MAX

    @property
    def factors(self) -> NDArray[np.float32]:
        """The float32 factors of the ONNX rule."""
        return self.multiplier.view(np.float32)

    def __call__(self, accumulator: NDArray[np.int64]) -> NDArray[np.int8]:
        """Scale, round, shift by the zero point and clamp int32 values of shape [..., channels].

        TFLITE rounds twice (`multiply_by_quantized_multiplier`). ONNX converts the accumulator to float32
        (nearest, ties to even), multiplies in float32, and rounds the product half to even.
        """
        if self.rule is Rule.TFLITE:
            multiply = multiply_wide if self.wide else multiply_by_quantized_multiplier
            scaled = multiply(accumulator, self.multiplier, self.shift)
            return saturate(scaled + self.zero_point, self.minimum, self.maximum, self.dtype)
        return quantize_float(
            accumulator.astype(np.float32) * self.factors, self.zero_point, self.minimum, self.maximum
        )


def saturate(
    values: NDArray[np.int64], minimum: int, maximum: int, dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8
) -> NDArray[Any]:
    """Clamp integers and narrow them, to int8 if nothing else is said."""
    result: NDArray[Any] = np.clip(values, minimum, maximum).astype(dtype)
    return result


def quantize_float(
    scaled: NDArray[np.floating[Any]], zero_point: int, minimum: int = INT8_MIN, maximum: int = INT8_MAX
) -> NDArray[np.int8]:
    """clamp(rint(scaled) + zero_point): the last step of the ONNX rule, halves to even.

    Clamped before the conversion to an integer, which has no room for large floats.
    """
    rounded = np.clip(np.rint(scaled), minimum - zero_point, maximum - zero_point)
    result: NDArray[np.int8] = (rounded.astype(np.int64) + zero_point).astype(np.int8)
    return result


def round_half_away(value: float) -> int:
    """Nearest integer, halves away from zero (C `round`)."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def activation_limits(
    activation: str,
    scale: float,
    zero_point: int,
    rule: Rule = Rule.TFLITE,
    dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8,
) -> tuple[int, int]:
    """Clamp limits of a tensor that a fused activation writes.

    Args:
        activation: "none", "relu", "relu6" or "relu_n1_to_1".
        scale: of the output.
        zero_point: of the output.
        rule: rounding of a limit that lies halfway between two codes.
        dtype: of the codes.

    Raises:
        KeyError: unknown activation.
    """
    return clamp_limits(*ACTIVATIONS[activation], scale, zero_point, rule, dtype)


def clamp_limits(
    low: float | None,
    high: float | None,
    scale: float,
    zero_point: int,
    rule: Rule = Rule.TFLITE,
    dtype: type[np.integer[Any]] | np.dtype[Any] = np.int8,
) -> tuple[int, int]:
    """The codes of two real limits, None being that of the type; arguments as `activation_limits`."""
    to_integer = round_half_away if rule is Rule.TFLITE else round

    def code(real: float) -> int:
        with np.errstate(over="ignore"):
            exact = float(np.float32(real) / np.float32(scale))
        return zero_point + to_integer(min(max(exact, -_FAR), _FAR))

    least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    minimum = least if low is None else min(max(least, code(low)), most)
    maximum = most if high is None else max(min(most, code(high)), least)
    return minimum, maximum


def requantize_by(
    rule: Rule, factor: ArrayLike, output_scale: float, output_zero_point: int, activation: str = "none"
) -> Requantize:
    """Requantisation by known factors.

    Args:
        factor: scalar or (channels,); float64 for TFLITE, float32 for ONNX.

    Raises:
        ScaleError: a factor is not finite, or beyond what a multiplier holds.
    """
    minimum, maximum = activation_limits(activation, output_scale, output_zero_point, rule)
    if rule is Rule.TFLITE:
        pairs = [quantize_multiplier(float(real)) for real in np.atleast_1d(np.asarray(factor, np.float64))]
        multiplier = np.array([mantissa for mantissa, _ in pairs], np.int32)
        shift = np.array([exponent for _, exponent in pairs], np.int8)
    else:
        factors = np.array(factor, np.float32, ndmin=1)
        if not np.isfinite(factors).all():
            raise ScaleError("a factor of the scales is beyond the range of float32")
        multiplier = factors.view(np.int32)
        shift = np.zeros(0, np.int8)
    return Requantize(rule, multiplier, shift, output_zero_point, minimum, maximum)


def requantize_products(
    rule: Rule,
    input_scale: float,
    weights_scale: ArrayLike,
    output_scale: float,
    output_zero_point: int,
    activation: str = "none",
) -> Requantize:
    """Requantisation of a convolution or depthwise convolution.

    Factor of channel c: s_in * s_w[c] / s_out in double (TFLITE), or
    float32(float32(s_in * s_w[c]) / s_out) (ONNX).

    Args:
        weights_scale: scalar, (1,) or (channels,).
    """
    s_in, s_out = np.float32(input_scale), np.float32(output_scale)
    s_w = np.asarray(weights_scale, np.float32)
    if rule is Rule.TFLITE:
        products = np.float64(s_in) * s_w.astype(np.float64)
        return requantize_by(rule, products / np.float64(s_out), output_scale, output_zero_point, activation)
    return requantize_by(rule, s_in * s_w / s_out, output_scale, output_zero_point, activation)


def requantize_fully_connected(
    rule: Rule,
    input_scale: float,
    weights_scale: ArrayLike,
    output_scale: float,
    output_zero_point: int,
    activation: str = "none",
) -> Requantize:
    """Requantisation of a fully connected layer.

    As a convolution, but with one weights scale TFLite rounds the product s_in * s_w to float32 before it
    divides.
    """
    s_w = np.atleast_1d(np.asarray(weights_scale, np.float32))
    if rule is Rule.TFLITE and s_w.size == 1:
        product = (np.float32(input_scale) * s_w).astype(np.float64)
        factor = product / np.float64(np.float32(output_scale))
        return requantize_by(rule, factor, output_scale, output_zero_point, activation)
    return requantize_products(rule, input_scale, s_w, output_scale, output_zero_point, activation)
