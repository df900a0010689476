# SPDX-License-Identifier: Apache-2.0
"""Softmax over the last axis of an int16 tensor by the TFLite rule: two tables with interpolation.

Formulas: tflite-micro, `kernels/internal/reference/softmax.h` and `LUTPopulate` of `kernels/internal/common.h`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.binary import Affine
from sconnx.reference.fixed_point import Int64Array, multiply_by_quantized_multiplier, quantize_multiplier
from sconnx.reference.rule import ScaleError

Int16Array = NDArray[np.int16]
FloatArray = NDArray[np.float32]

RANGE = 10.0
"""An exponential of less than -10 is taken for that of -10."""
_STEPS = 512
_LEAST, _MOST = -32768, 32767


def _round(values: FloatArray) -> FloatArray:
    """Halves away from zero."""
    return np.copysign(np.floor(np.abs(values) + np.float32(0.5)), values)


def _table(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], first: int, last: int, scale: float
) -> Int16Array:
    """int16 (513,): a function of `first` to `last` times `scale` in Q15, every operation rounded to float32.

    Entries are less half of what interpolation errs by in the middle to the next one.
    """
    step_of_code = np.float32(scale)
    low, high = step_of_code * np.float32(first), step_of_code * np.float32(last)
    step = (high - low) / np.float32(_STEPS)
    unit = np.float32(2) / np.float32(65535)
    per_unit = np.float32(65536) / (unit * np.float32(_MOST) - unit * np.float32(_LEAST))

    def scaled(x: FloatArray) -> FloatArray:
        return function(x.astype(np.float64)).astype(np.float32) * per_unit

    numbers = np.arange(_STEPS, dtype=np.float32)
    start = low + numbers * step
    sample = _round(scaled(start))
    between = _round((scaled(low + (numbers + 1) * step) + sample) / np.float32(2))
    error = between - _round(scaled(start + step / np.float32(2)))
    end = _round(scaled(np.array([high], np.float32)))
    values = np.concatenate([sample - _round(error / np.float32(2)), end])
    table: Int16Array = np.clip(values, _LEAST, _MOST).astype(np.int16)
    return table


EXPONENTIALS = _table(np.exp, -65535, 0, RANGE / 65535)
"""exp(x) for x = -10 to 0 in 512 steps."""
RECIPROCALS = _table(lambda x: 1 / (1 + x), 0, 65535, 1 / 65535)
"""1 / (1 + x) for x = 0 to 1 in 512 steps."""


def _interpolated(table: Int16Array, index: Int64Array) -> Int64Array:
    """Of a table for every 128th of 65,536 indices."""
    wide = table.astype(np.int64)
    low, high = wide[index >> 7], wide[(index >> 7) + 1]
    result: Int64Array = low + (((high - low) * (index & 127) + 64) >> 7)
    return result


@dataclass(frozen=True, slots=True)
class Softmax16:
    """q = clamp(e * r / 2^n, 0, 32767), rounded half up; the output has scale 2^-15 and zero point 0.

    e = exp(x - max) in Q15 from one table, r = 2^n / (sum of e) in Q15 from the other, with 2^n <= sum < 2^(n+1).

    Attributes:
        multiplier, shift: of s_in * beta * 65535 / 10, a Q31 mantissa and an exponent, which makes indices of differences.
    """

    multiplier: int
    shift: int

    def __call__(self, x: Int16Array) -> Int16Array:
        """Softmax of every row of x [..., C]; C at most 65536, so that the sum fits int32."""
        wide = x.astype(np.int64)
        difference = wide - wide.max(axis=-1, keepdims=True)
        scaled = multiply_by_quantized_multiplier(difference, self.multiplier, self.shift)
        exponential = _interpolated(EXPONENTIALS, np.clip(scaled + 65535, 0, 65535))
        total = exponential.sum(axis=-1, keepdims=True)
        # frexp's exponent is the bit length.
        bits = np.frexp(total.astype(np.float64))[1].astype(np.int64) - 1
        fraction = ((total << (30 - bits)) + (1 << 13)) >> 14  # Q16 of 1 to 2
        reciprocal = _interpolated(RECIPROCALS, np.clip(fraction - 65536, 0, 65535))
        shares = (exponential * reciprocal + (np.int64(1) << (bits - 1))) >> bits
        result: Int16Array = np.clip(shares, 0, _MOST).astype(np.int16)
        return result


def has_scale(scale: float, bits: int) -> bool:
    """Whether TFLite takes the scale of an int16 output for 2^-bits: up to a thousandth more or less."""
    return abs(scale * 2.0**bits - 1) <= 0.001


def softmax16(x: Affine, y: Affine, beta: float) -> Softmax16:
    """Derive the factor of differences.

    Raises:
        ScaleError: the output is not quantised by 2^-15 and 0, or the factor is beyond what a multiplier holds.
    """
    if y.zero_point != 0 or not has_scale(y.scale, 15):
        raise ScaleError("TFLite softmax of int16 writes with scale 1/32768 and zero point 0")
    factor = float(np.float32(x.scale)) * float(np.float32(beta)) / (RANGE / 65535.0)
    return Softmax16(*quantize_multiplier(factor))
