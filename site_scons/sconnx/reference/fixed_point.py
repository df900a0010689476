# SPDX-License-Identifier: Apache-2.0
"""Fixed-point arithmetic of the TFLite rule: Q31 multipliers and roundings.

All arrays are int64 that hold int32 values, so products are exact.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sconnx.reference.rule import ScaleError

Int64Array = NDArray[np.int64]

INT32_MIN = -(1 << 31)
INT32_MAX = (1 << 31) - 1
WIDE_EXPONENT = 7
"""The largest exponent of a factor of sums of 48 bits, whose product fits 63 bits then."""


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Split a factor into a Q31 mantissa in [2^30, 2^31) and an exponent.

    real = mantissa / 2^31 * 2^exponent; a positive exponent is a left shift. Factors below 2^-32 become
    (0, 0), as they cannot move an int32 away from zero.

    Raises:
        ScaleError: the factor is negative, not finite, or above 2^31 - 1.
    """
    if not (math.isfinite(real) and 0 <= real <= INT32_MAX):
        raise ScaleError(f"a multiplier must be within [0, 2^31), got {real!r}")
    fraction, exponent = math.frexp(real)
    mantissa = math.floor(fraction * (1 << 31) + 0.5)
    if mantissa == 1 << 31:
        mantissa >>= 1
        exponent += 1
    if mantissa == 0 or exponent < -31:
        return 0, 0
    return mantissa, exponent


def quantize_wide_multiplier(real: float) -> tuple[int, int]:
    """As `quantize_multiplier`, for `multiply_wide`. Raises ScaleError also for a factor of 128 or more."""
    mantissa, exponent = quantize_multiplier(real)
    if exponent > WIDE_EXPONENT:
        raise ScaleError(f"a multiplier of sums of 48 bits must be below {1 << WIDE_EXPONENT}, got {real!r}")
    return mantissa, exponent


def saturate_int32(values: Int64Array) -> Int64Array:
    """Clamp to the range of int32."""
    return np.clip(values, INT32_MIN, INT32_MAX)


def rounding_doubling_high_multiply(a: ArrayLike, b: ArrayLike) -> Int64Array:
    """High 32 bits of 2 * a * b, rounded half up and saturated: the product of two Q0.31 numbers."""
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    return saturate_int32((product + (1 << 30)) >> 31)


def rounding_shift_right(values: ArrayLike, shift: ArrayLike) -> Int64Array:
    """values / 2^shift for shift in 0..31, rounded half away from zero."""
    wide = np.asarray(values, np.int64)
    half = (np.int64(1) << np.asarray(shift, np.int64)) >> 1
    magnitude = (np.abs(wide) + half) >> np.asarray(shift, np.int64)
    result: Int64Array = np.where(wide < 0, -magnitude, magnitude)
    return result


def multiply_wide(values: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> Int64Array:
    """As `multiply_by_quantized_multiplier` for sums of more than 32 bits: 16 bits of the multiplier, rounded once, halves up.

    Args:
        values: within -2^47..2^47.
        shift: exponents up to 7.
    """
    mantissa, exponent = np.asarray(multiplier, np.int64), np.asarray(shift, np.int64)
    reduced = np.minimum((mantissa + (1 << 15)) >> 16, 0x7FFF)
    result: Int64Array = (np.asarray(values, np.int64) * reduced + (np.int64(1) << (14 - exponent))) >> (15 - exponent)
    return result


def multiply_by_quantized_multiplier(values: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> Int64Array:
    """values * multiplier / 2^31 * 2^shift, rounded twice.

    The multiply rounds halves up, the shift rounds halves away from zero.

    Args:
        values: int32 values, [..., channels].
        multiplier: Q31 mantissas, scalar, (1,) or (channels,).
        shift: exponents in -31..31, as `multiplier`. A positive one shifts left before the multiply; there
            the reference kernels leave overflow undefined. Here the shifted value saturates, so that a
            clamped result is still the right one.
    """
    exponent = np.asarray(shift, np.int64)
    shifted = saturate_int32(np.asarray(values, np.int64) << np.maximum(exponent, 0))
    return rounding_shift_right(rounding_doubling_high_multiply(shifted, multiplier), np.maximum(-exponent, 0))
