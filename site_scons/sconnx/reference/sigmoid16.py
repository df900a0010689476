# SPDX-License-Identifier: Apache-2.0
"""Sigmoid and tanh of int16 numbers by the TFLite rule: a table with interpolation.

Formula: tflite-micro, `kernels/internal/reference/integer_ops/{logistic,tanh}.h`. Inputs have 2^17 for 10.7, outputs are Q0.15.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sconnx.reference.fixed_point import Int64Array
from sconnx.reference.rule import ScaleError

Int16Array = NDArray[np.int16]


def _entry(index: int) -> int:
    """65536 times the sigmoid of index / 24, less half of what interpolation errs by in the middle to the next one."""
    value = 1 / (1 + math.exp(-index / 24))
    curvature = value * (1 - value) * (1 - 2 * value)
    return round(65536 * (value - curvature / (16 * 24**2)))


SIGMOIDS = np.array([*(_entry(index) for index in range(255)), 65535], np.int64)
"""uint16 numbers."""


def scaled_input(scale: float) -> tuple[int, int]:
    """Multiplier and right shift that give an int16 input its scale; tanh of a scale that is a power of two has no shift.

    The multiplier is cut off, not rounded. 2^-12 gets (3, 0).

    Raises:
        ScaleError: the multiplier is no int16.
    """
    power = round(math.log2(scale))
    if 2.0**power == scale and power == -12:
        return 3, 0
    multiplier, shift = scale * 4096.0 * 3.0, 0
    while multiplier <= 32767.0 / 2.0 and shift <= 30:
        multiplier, shift = multiplier * 2.0, shift + 1
    if multiplier > 32767.0:
        raise ScaleError(f"TFLite takes the sigmoid and tanh of int16 of scales up to 8/3, not {scale}")
    return int(multiplier), shift


def tanh_input(scale: float) -> tuple[int, int]:
    """As `scaled_input` for a tanh, which also takes 2^-11 as it is."""
    return (6, 0) if scale == 2.0**-11 else scaled_input(scale)


def sigmoid16(x: Int64Array, multiplier: int, shift: int) -> Int64Array:
    """Of int16 numbers."""
    scaled = _scaled(x, multiplier, shift)
    between = _interpolated(np.abs(scaled), 9, 0x7FFF << 10)
    result = np.where(scaled >= 0, between + (1 << 9), (1 << 25) - between + (1 << 9) - 1)
    return result >> 10


def tanh16(x: Int64Array, multiplier: int, shift: int) -> Int64Array:
    """Of int16 numbers: twice the sigmoid of twice the number, less 1."""
    scaled = _scaled(x, multiplier, shift)
    between = _interpolated(np.abs(scaled), 8, 0xFFFF << 8)
    one, half = 1 << 23, 1 << 7
    return np.where(scaled >= 0, between - one + half, one - between + half - 1) >> 8


def _scaled(x: Int64Array, multiplier: int, shift: int) -> Int64Array:
    return (x * multiplier + ((1 << shift) >> 1)) >> shift


def _interpolated(magnitude: Int64Array, bits: int, largest: int) -> Int64Array:
    index = np.minimum(magnitude >> bits, 254)
    low, high = SIGMOIDS[index], SIGMOIDS[index + 1]
    between = (low << bits) + (magnitude & ((1 << bits) - 1)) * (high - low)
    return np.where(magnitude >> bits >= 255, largest, between)
