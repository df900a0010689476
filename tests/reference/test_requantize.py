# SPDX-License-Identifier: Apache-2.0
"""Requantisation and activation limits against exact rational arithmetic, rounded as the rule says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.reference.requantize import (
    activation_limits,
    requantize_by,
    requantize_fully_connected,
    requantize_products,
)
from sconnx.reference.rule import Rule

scales = st.floats(2.0**-12, 2.0, width=32)


def nearest_float32(value: Fraction) -> Fraction:
    """The float32 next to a positive rational, ties to even, without float arithmetic."""
    if value == 0:
        return value
    exponent = 0
    while value >= 1 << 24:
        value, exponent = value / 2, exponent + 1
    while value < 1 << 23:
        value, exponent = value * 2, exponent - 1
    return Fraction(round(value)) * Fraction(2) ** exponent


def times_float32(a: Fraction, b: Fraction) -> Fraction:
    product = a * b
    return nearest_float32(product) if product >= 0 else -nearest_float32(-product)


@given(st.integers(-(1 << 31), (1 << 31) - 1), scales, scales, scales, st.integers(-128, 127))
def test_onnx_rule_is_float32_arithmetic(
    accumulator: int, s_in: float, s_w: float, s_out: float, zero_point: int
) -> None:
    factor = nearest_float32(times_float32(Fraction(s_in), Fraction(s_w)) / Fraction(s_out))
    expected = round(times_float32(times_float32(Fraction(accumulator), Fraction(1)), factor)) + zero_point
    requantize = requantize_products(Rule.ONNX, s_in, [s_w], s_out, zero_point)
    assert requantize.shift.size == 0
    assert Fraction(float(requantize.factors[0])) == factor
    assert requantize(np.array([accumulator]))[0] == min(max(expected, -128), 127)


@given(st.integers(-(1 << 23), 1 << 23), scales, scales, scales, st.integers(-128, 127))
def test_tflite_rule_is_near_the_exact_value(
    accumulator: int, s_in: float, s_w: float, s_out: float, zero_point: int
) -> None:
    """Two roundings stay within one code of the nearest one; tflite-micro is the oracle for the bits."""
    exact = accumulator * Fraction(s_in) * Fraction(s_w) / Fraction(s_out) + zero_point
    limited = min(max(exact, Fraction(-128)), Fraction(127))
    requantize = requantize_products(Rule.TFLITE, s_in, [s_w], s_out, zero_point)
    result = int(requantize(np.array([accumulator]))[0])
    assert abs(result - limited) <= Fraction(101, 100)


@pytest.mark.parametrize("rule", Rule)
def test_channels_have_their_own_factor(rule: Rule) -> None:
    requantize = requantize_products(rule, 0.5, [0.5, 0.25, 1.0], 0.25, 3)
    result = requantize(np.array([[10, 10, 10], [-400, 2, 400]]))
    np.testing.assert_array_equal(result, [[13, 8, 23], [-128, 4, 127]])
    assert result.dtype == np.int8


def test_fully_connected_rounds_the_product_of_one_scale_to_float32() -> None:
    s_in, s_w, s_out = (float(np.float32(value)) for value in (0.1, 0.3, 0.7))
    convolution = requantize_products(Rule.TFLITE, s_in, [s_w], s_out, 0)
    layer = requantize_fully_connected(Rule.TFLITE, s_in, [s_w], s_out, 0)
    per_channel = requantize_fully_connected(Rule.TFLITE, s_in, [s_w, s_w], s_out, 0)
    product = nearest_float32(Fraction(s_in) * Fraction(s_w))
    expected = requantize_by(Rule.TFLITE, float(product / Fraction(s_out)), s_out, 0)
    assert layer.multiplier[0] == expected.multiplier[0] != convolution.multiplier[0]
    np.testing.assert_array_equal(per_channel.multiplier, np.repeat(convolution.multiplier, 2))


@pytest.mark.parametrize("rule", Rule)
def test_any_large_accumulator_saturates(rule: Rule) -> None:
    """A left shift never wraps."""
    requantize = requantize_by(rule, 1000.0, 1.0, 0)
    extremes = np.array([-(1 << 31), -(1 << 22), 0, 1 << 22, (1 << 31) - 1])
    np.testing.assert_array_equal(requantize(extremes), [-128, -128, 0, 127, 127])


@pytest.mark.parametrize(
    ("activation", "scale", "zero_point", "limits"),
    [
        ("none", 0.1, 5, (-128, 127)),
        ("relu", 0.1, 5, (5, 127)),
        ("relu", 0.1, -128, (-128, 127)),
        ("relu6", 0.1, 5, (5, 65)),
        ("relu6", 0.01, 5, (5, 127)),
        ("relu6", 0.023529411764705882, -128, (-128, 127)),
        ("relu_n1_to_1", 0.1, 5, (-5, 15)),
        ("relu_n1_to_1", 0.001, 0, (-128, 127)),
    ],
)
def test_activation_limits(activation: str, scale: float, zero_point: int, limits: tuple[int, int]) -> None:
    assert activation_limits(activation, scale, zero_point) == limits
    assert activation_limits(activation, scale, zero_point, Rule.ONNX) == limits


def test_activation_limit_at_a_tie() -> None:
    """6 / 4 is one and a half, 1 / 2 is a half."""
    assert activation_limits("relu_n1_to_1", 2.0, 0) == (-1, 1)
    assert activation_limits("relu_n1_to_1", 2.0, 0, Rule.ONNX) == (0, 0)
    assert activation_limits("relu6", 4.0, 0) == (0, 2)
    assert activation_limits("relu6", 4.0, 0, Rule.ONNX) == (0, 2)


def test_unknown_activation() -> None:
    with pytest.raises(KeyError):
        activation_limits("swish", 1.0, 0)
