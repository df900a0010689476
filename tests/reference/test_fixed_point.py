# SPDX-License-Identifier: Apache-2.0
"""Fixed-point arithmetic against exact rational arithmetic and the real functions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sconnx.reference.exponential import (
    exp_on_negative,
    input_scaling,
    reciprocal_of_one_plus,
    sigmoid_q4,
    tanh_q4,
)
from sconnx.reference.fixed_point import (
    INT32_MAX,
    INT32_MIN,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_doubling_high_multiply,
    rounding_shift_right,
)

int32 = st.integers(INT32_MIN, INT32_MAX)


def half_away(value: Fraction) -> int:
    magnitude = math.floor(abs(value) + Fraction(1, 2))
    return magnitude if value >= 0 else -magnitude


@given(st.floats(2.0**-32, 2.0**31 - 1))
@example(1.0)
@example(math.nextafter(1.0, 0.0))
@example(2.0**-32)
def test_multiplier_is_the_nearest_q31(real: float) -> None:
    mantissa, exponent = quantize_multiplier(real)
    assert 1 << 30 <= mantissa < 1 << 31
    assert -31 <= exponent <= 31
    error = abs(Fraction(mantissa, 1 << 31) * Fraction(2) ** exponent - Fraction(real))
    assert error <= Fraction(2) ** (exponent - 32)


@pytest.mark.parametrize("real", [0.0, 1e-30, math.nextafter(2.0**-32, 0.0) * 0.9])
def test_multiplier_of_a_negligible_factor_is_zero(real: float) -> None:
    assert quantize_multiplier(real) == (0, 0)


@pytest.mark.parametrize("real", [-0.5, math.inf, math.nan, 2.0**31])
def test_multiplier_refuses(real: float) -> None:
    with pytest.raises(ValueError, match=r"^a multiplier must be within \[0, 2\^31\), got "):
        quantize_multiplier(real)


@given(int32, int32)
@example(INT32_MIN, INT32_MIN)
def test_high_multiply_rounds_half_up_and_saturates(a: int, b: int) -> None:
    exact = math.floor(Fraction(a * b, 1 << 31) + Fraction(1, 2))
    assert int(rounding_doubling_high_multiply(a, b)) == min(exact, INT32_MAX)


@given(int32, st.integers(0, 31))
@example(-3, 1)
@example(3, 1)
def test_shift_right_rounds_half_away(value: int, shift: int) -> None:
    assert int(rounding_shift_right(value, shift)) == half_away(Fraction(value, 1 << shift))


@given(int32, st.integers(1 << 30, INT32_MAX), st.integers(-31, 31))
def test_multiplier_is_applied_with_two_roundings(value: int, multiplier: int, shift: int) -> None:
    shifted = min(max(value << max(shift, 0), INT32_MIN), INT32_MAX)
    product = math.floor(Fraction(shifted * multiplier, 1 << 31) + Fraction(1, 2))
    expected = half_away(Fraction(product, 1 << max(-shift, 0)))
    assert int(multiply_by_quantized_multiplier(value, multiplier, shift)) == expected


def test_multipliers_broadcast_over_the_last_axis() -> None:
    values = np.array([[100, 100], [-7, 7]])
    result = multiply_by_quantized_multiplier(values, np.array([1 << 30, 1 << 30]), np.array([0, 2]))
    np.testing.assert_array_equal(result, [[50, 200], [-3, 14]])


@pytest.mark.parametrize("integer_bits", [4, 5])
def test_exponential(integer_bits: int) -> None:
    raw = np.random.default_rng(0).integers(INT32_MIN, 1, 20000)
    real = np.exp(raw / 2.0 ** (31 - integer_bits))
    assert np.abs(exp_on_negative(raw, integer_bits) / 2.0**31 - real).max() < 3e-7


def test_reciprocal_sigmoid_tanh() -> None:
    rng = np.random.default_rng(0)
    raw = rng.integers(0, 1 << 31, 20000)
    assert np.abs(reciprocal_of_one_plus(raw) / 2.0**31 - 1 / (1 + raw / 2.0**31)).max() < 1e-8
    signed = rng.integers(INT32_MIN + 1, 1 << 31, 20000)
    real = signed / 2.0**27
    assert np.abs(sigmoid_q4(signed) / 2.0**31 - 1 / (1 + np.exp(-real))).max() < 3e-7
    assert np.abs(tanh_q4(signed) / 2.0**31 - np.tanh(real)).max() < 3e-7


@given(st.floats(1e-6, 10.0), st.sampled_from([4, 5]))
def test_scaled_inputs_within_the_radius_fit(factor: float, integer_bits: int) -> None:
    multiplier, shift, radius = input_scaling(factor, integer_bits)
    largest = Fraction(radius * multiplier, 1 << 31) * Fraction(2) ** shift
    assert largest < (1 << 31)
