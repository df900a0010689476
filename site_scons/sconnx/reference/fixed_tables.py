# SPDX-License-Identifier: Apache-2.0
"""Tables of unary int8 operators for which tflite-micro has fixed-point arithmetic, entry q + 128 for code q.

Formulas: tflite-micro, `micro/kernels/{hard_swish,logistic,tanh}_common.cc` and
`kernels/internal/reference/hard_swish.h`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.exponential import input_scaling
from sconnx.reference.fixed_point import (
    Int64Array,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_shift_right,
)
from sconnx.reference.requantize import INT8_MAX, INT8_MIN, saturate
from sconnx.reference.rule import ScaleError

Int8Array = NDArray[np.int8]
CODES = np.arange(-128, 128).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Scales:
    """Quantisation of input and output of a unary operator; scales are float32 values."""

    input_scale: float
    input_zero_point: int
    output_scale: float
    output_zero_point: int

    @property
    def centred(self) -> Int64Array:
        """All codes without the zero point."""
        return CODES.astype(np.int64) - self.input_zero_point

    def stored(self, values: Int64Array) -> Int8Array:
        """Add the output's zero point and clamp."""
        return saturate(values + self.output_zero_point, INT8_MIN, INT8_MAX)


def hard_swish_table(scales: Scales) -> Int8Array:
    """x * min(max(x + 3, 0), 6) / 6 in 16 bits.

    With h = 2^7 * (q - z_in), u = h * s_in / (2^7 * s_out) before its right shift, and r = h rescaled so that 3 becomes 2^15,
    saturated: out = ((r + 2^15) / 2 * u / 2^15, towards 0) / 2^shift.

    Raises:
        ScaleError: the output scale is so small, or one of the two so large, that tflite-micro's 16 bits cannot hold it.
    """
    fine = np.float32(1 / 128) * np.float32(scales.input_scale)
    multiplier, exponent = _halved(float(fine / np.float32(scales.output_scale)))
    reluish_multiplier, reluish_exponent = _halved(float(fine / (np.float32(3) / np.float32(32768))))
    if not -15 <= exponent <= 0 or reluish_exponent < -15:
        raise ScaleError(
            f"HardSwish cannot go from scale {scales.input_scale} to {scales.output_scale} with 16 bits as TFLite has it"
        )
    high = scales.centred << 7
    unshifted = _rounding_high_product(high, multiplier)
    left = max(reluish_exponent, 0)
    reluish = _saturate_int16(high << max(left - 1, 0))
    reluish = _rounding_high_product(reluish, reluish_multiplier)
    reluish = _saturate_int16(reluish << min(left, 1))
    reluish = rounding_shift_right(reluish, max(-reluish_exponent, 0))
    product = ((reluish + (1 << 15)) >> 1) * unshifted
    truncated = np.sign(product) * (np.abs(product) >> 15)
    values = rounding_shift_right(truncated, -exponent) + scales.output_zero_point
    # A sum of 16 bits wraps, before it is clamped.
    return saturate(values.astype(np.int16).astype(np.int64), INT8_MIN, INT8_MAX)


def fixed_point_table(function: Callable[[Int64Array], Int64Array], fraction_bits: int, scales: Scales) -> Int8Array:
    """Table of a function of Q4.27 numbers; inputs beyond the radius saturate the output.

    A radius of 0 (scale 8 and more) sends the code of real 0 to the lower end, as the reference kernels do.
    """
    multiplier, shift, radius = input_scaling(float(np.float32(scales.input_scale)), 4)
    inside = np.abs(scales.centred) < radius
    scaled = multiply_by_quantized_multiplier(np.where(inside, scales.centred, 0), multiplier, shift)
    values = rounding_shift_right(function(scaled), 31 - fraction_bits)
    saturated = np.where(scales.centred <= -radius, INT8_MIN, INT8_MAX)
    return np.where(inside, scales.stored(values), saturated).astype(np.int8)


def _halved(factor: float) -> tuple[int, int]:
    """A factor as Q15 mantissa and exponent: the Q31 mantissa rounded half up to 16 bits, saturated."""
    mantissa, exponent = quantize_multiplier(factor)
    return min((mantissa + (1 << 15)) >> 16, (1 << 15) - 1), exponent


def _saturate_int16(values: Int64Array) -> Int64Array:
    return np.clip(values, -(1 << 15), (1 << 15) - 1)


def _rounding_high_product(a: Int64Array, b: int) -> Int64Array:
    """round(a * b / 2^15), halves up, of int16."""
    return _saturate_int16((a * b + (1 << 14)) >> 15)
