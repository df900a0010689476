# SPDX-License-Identifier: Apache-2.0
"""Fixed-point exponential, reciprocal, inverse square root, sigmoid and tanh of the TFLite rule.

A Qm.n number is an int32 of m integer and n fraction bits (m + n = 31, and a sign). All arrays are int64
that hold int32 values, so products are exact.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from sconnx.reference.fixed_point import (
    INT32_MAX,
    Int64Array,
    quantize_multiplier,
    rounding_doubling_high_multiply,
    rounding_shift_right,
    saturate_int32,
)

_ONE_Q2 = 1 << 29
# Newton's first guess for 1/d, d in [1/2, 1]: 48/17 - 32/17 * d has the least error. Q2.29.
_GUESS_OFFSET = round(48 / 17 * _ONE_Q2)
_GUESS_SLOPE = -round(32 / 17 * _ONE_Q2)


def input_scaling(factor: float, integer_bits: int) -> tuple[int, int, int]:
    """How integers become Qm.n numbers of m = integer_bits: multiplier, shift, radius.

    Args:
        factor: real value of the integer 1.

    Returns:
        The Q31 multiplier and shift of factor * 2^n, and the largest integer that is scaled: floor of
        (2^m - 1) * 2^n / 2^shift. Larger ones do not fit, or have a negligible exponential.
    """
    one = 1 << (31 - integer_bits)
    multiplier, shift = quantize_multiplier(min(factor * one, float(INT32_MAX)))
    return multiplier, shift, math.floor(((1 << integer_bits) - 1) * one / 2.0**shift)


def exp_on_negative(values: ArrayLike, integer_bits: int) -> Int64Array:
    """exp(x) of Qm.n numbers x <= 0 with m = integer_bits <= 5, as Q0.31.

    x = r - (sum of powers of two from 1/4 up), r in [-1/4, 0): a polynomial gives exp(r), and one constant
    factor exp(-2^k) is applied for every power in the sum.
    """
    wide = np.asarray(values, np.int64)
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    remainder = (wide & (quarter - 1)) - quarter
    powers = remainder - wide
    result = _exp_on_last_quarter(remainder << integer_bits)
    for exponent in range(-2, integer_bits):
        factor = round(math.exp(-(2.0**exponent)) * (1 << 31))
        chosen = (powers >> (fraction_bits + exponent)) & 1 == 1
        result = np.where(chosen, rounding_doubling_high_multiply(result, factor), result)
    return np.where(wide == 0, INT32_MAX, result)


def _exp_on_last_quarter(values: Int64Array) -> Int64Array:
    """exp(x) of Q0.31 numbers in [-1/4, 0): Taylor series of fourth order around -1/8."""
    centre = round(math.exp(-1 / 8) * (1 << 31))
    third = round((1 << 31) / 3)
    x = values + (1 << 28)
    x2 = rounding_doubling_high_multiply(x, x)
    x3 = rounding_doubling_high_multiply(x2, x)
    x4 = rounding_doubling_high_multiply(x2, x2)
    cubic_and_up = rounding_doubling_high_multiply(rounding_shift_right(x4, 2) + x3, third)
    series = x + rounding_shift_right(cubic_and_up + x2, 1)
    return saturate_int32(centre + rounding_doubling_high_multiply(centre, series))


def _two_over_one_plus(values: ArrayLike) -> Int64Array:
    """2 / (1 + x) of Q0.31 numbers x in [0, 1), as Q2.29: three Newton steps on d = (1 + x) / 2."""
    denominator = (np.asarray(values, np.int64) + INT32_MAX + 1) >> 1
    guess = _GUESS_OFFSET + rounding_doubling_high_multiply(denominator, _GUESS_SLOPE)
    for _ in range(3):
        error = _ONE_Q2 - rounding_doubling_high_multiply(denominator, guess)
        guess = guess + saturate_int32(rounding_doubling_high_multiply(guess, error) << 2)
    return guess


def reciprocal_of_one_plus(values: ArrayLike) -> Int64Array:
    """1 / (1 + x) of Q0.31 numbers x in [0, 1), as Q0.31."""
    return saturate_int32(_two_over_one_plus(values) << 1)


def sigmoid_q4(values: ArrayLike) -> Int64Array:
    """1 / (1 + exp(-x)) of Q4.27 numbers, as Q0.31; of a negative x as 1 - sigmoid(-x)."""
    wide = np.asarray(values, np.int64)
    positive = reciprocal_of_one_plus(exp_on_negative(-np.abs(wide), 4))
    result = np.where(wide > 0, positive, INT32_MAX - positive)
    return np.where(wide == 0, 1 << 30, result)


def tanh_q4(values: ArrayLike) -> Int64Array:
    """tanh(x) of Q4.27 numbers, as Q0.31: (1 - e) / (1 + e), e = exp(-2 |x|), with the sign of x."""
    wide = np.asarray(values, np.int64)
    # The same bits, read as Q5.26, are twice the number.
    exponential = exp_on_negative(-np.abs(wide), 5)
    magnitude = saturate_int32((_two_over_one_plus(exponential) - _ONE_Q2) << 2)
    return np.sign(wide) * magnitude


def inverse_square_root(values: ArrayLike) -> tuple[Int64Array, Int64Array]:
    """1 / sqrt(x) of positive int32 as Q31 mantissas and exponents <= 0, by five iterations of Newton; 0 is taken for 1.

    x is scaled by a power of 4 to [1/4, 1) as f (Q3.28); y = 1, then y = 3/2 * y - f/2 * y^3 approximates 1 / sqrt(f).
    """
    x = np.asarray(values, np.int64)
    shift = np.full(x.shape, 11, np.int64)
    for _ in range(2):  # of 31 bits, 29 are left
        large = x >= 1 << 29
        x, shift = np.where(large, x >> 2, x), shift + large
    # frexp's exponent is the bit length.
    pairs = (31 - np.frexp(np.maximum(x, 1).astype(np.float64))[1].astype(np.int64)) // 2 - 1
    fraction = (x << 2 * pairs) >> 1
    half = rounding_shift_right(fraction, 1)
    y = np.full(x.shape, 1 << 28, np.int64)
    for _ in range(5):
        square = rounding_doubling_high_multiply(y, y)  # Q6.25
        cube = saturate_int32(rounding_doubling_high_multiply(square, y) << 6)  # Q9.22, then Q3.28
        linear = rounding_doubling_high_multiply(3 << 27, y)
        y = saturate_int32((linear - rounding_doubling_high_multiply(half, cube)) << 3)
    mantissa = rounding_doubling_high_multiply(y, round(math.sqrt(0.5) * (1 << 31)))
    shift = shift - pairs
    mantissa, exponent = mantissa << np.maximum(-shift, 0), -np.maximum(shift, 0)
    is_one = np.asarray(values) <= 1
    return np.where(is_one, INT32_MAX, mantissa), np.where(is_one, 0, exponent)


def logarithm(values: ArrayLike) -> Int64Array:
    """log(x) of Q12.19 numbers x >= 1, as Q5.26: a rational function on a mantissa of about sqrt(1/2), and a multiple of log(2).

    Formula: tflite-micro, `log_x_for_x_greater_than_or_equal_to_1_impl` of `kernels/internal/common.h`.
    """
    x = np.asarray(values, np.int64)
    half, middle = _q31(math.sqrt(0.5)), _q31(math.sqrt(math.sqrt(0.5)))
    inverse = math.sqrt(math.sqrt(2))
    quarter = 1 << 23  # Q6.25
    headroom = _headroom(x)
    first = saturate_int32(rounding_doubling_high_multiply(x << headroom, half) << 1)
    first_power = ((12 - (headroom + 1)) << 25) + quarter
    headroom = _headroom(rounding_doubling_high_multiply(x, half))
    second = saturate_int32(x << headroom)
    second_power = ((12 - headroom) << 25) - quarter
    mantissa, power = np.minimum(first, second), np.maximum(first_power, second_power)
    p, q = (mantissa + middle + 1) >> 1, 2 * (mantissa - middle)
    square = rounding_doubling_high_multiply(q, q)
    cubic = rounding_doubling_high_multiply(rounding_doubling_high_multiply(q, square), _q31(11 / 240 * inverse))
    numerator = rounding_doubling_high_multiply(q, mantissa) + cubic
    factor = _q31(2 / inverse - inverse) + q + rounding_doubling_high_multiply(_q31(inverse / 20), square)
    denominator = rounding_doubling_high_multiply(p, factor) + rounding_doubling_high_multiply(_q31(inverse / 4), q)
    fraction = rounding_doubling_high_multiply(rounding_shift_right(numerator, 6), reciprocal_of_one_plus(denominator))
    return saturate_int32((rounding_doubling_high_multiply(power, _q31(math.log(2))) + fraction) << 1)


def _q31(real: float) -> int:
    return round(real * (1 << 31))


def _headroom(values: Int64Array) -> Int64Array:
    """Zeros between the sign of positive int32 and their first one."""
    return 31 - np.frexp(values.astype(np.float64))[1].astype(np.int64)
