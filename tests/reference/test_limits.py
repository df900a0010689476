# SPDX-License-Identifier: Apache-2.0
"""What the reference functions refuse, and the host-side quantisation of inputs and outputs."""

from __future__ import annotations

import numpy as np
import pytest

from sconnx.graph.operator import HardSwish, Sigmoid, Tanh
from sconnx.reference.binary import Affine, binary
from sconnx.reference.convolution import fully_connected
from sconnx.reference.lookup import table_of
from sconnx.reference.pooling import average_pool
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.requantize import requantize_by
from sconnx.reference.rule import Rule
from sconnx.reference.softmax import softmax
from sconnx.reference.window import output_size


def test_quantize_rounds_ties_by_rule_and_saturates() -> None:
    x = np.array([0.25, 0.75, 1.25, -0.25, -0.75, 1e30, -np.inf], np.float32)
    np.testing.assert_array_equal(quantize(Rule.TFLITE, x, 0.5, 3), [4, 5, 6, 2, 1, 127, -128])
    np.testing.assert_array_equal(quantize(Rule.ONNX, x, 0.5, 3), [3, 5, 5, 3, 1, 127, -128])


def test_quantize_does_not_round_the_addition_of_a_half() -> None:
    """0.5 less one unit in the last place: floor(x + 0.5) in float32 would give 1."""
    x = np.nextafter(np.float32(0.5), np.float32(0)).reshape(1)
    assert quantize(Rule.TFLITE, x, 1.0, 0)[0] == 0


@pytest.mark.parametrize("rule", Rule)
def test_quantize_inverts_dequantize(rule: Rule) -> None:
    q = np.arange(-128, 128).astype(np.int8)
    for scale in (1e-3, 0.1, 1 / 3, 7.0):
        np.testing.assert_array_equal(quantize(rule, dequantize(q, scale, -7), scale, -7), q)


def test_accumulators_must_fit_int32() -> None:
    x = np.full((1, 1), 127, np.int8)
    bias = np.array([(1 << 31) - 1], np.int32)
    requantize = requantize_by(Rule.TFLITE, 1e-9, 1.0, 0)
    with pytest.raises(OverflowError, match=r"^an accumulator does not fit int32$"):
        fully_connected(x, x, bias, input_zero_point=0, requantize=requantize)
    assert fully_connected(x, x, bias - 127 * 127, input_zero_point=0, requantize=requantize)[0, 0] == 2


def test_window_must_fit() -> None:
    assert output_size(5, 3, 2, 2, 0, 0) == 1
    with pytest.raises(ValueError, match=r"^a window of 5 does not fit a padded axis of 4$"):
        output_size(3, 3, 1, 2, 1, 0)


def test_fixed_output_quantisation_of_tflite() -> None:
    with pytest.raises(ValueError, match=r"^TFLite softmax writes with scale 1/256 and zero point -128$"):
        softmax(Rule.TFLITE, input_scale=0.1, output_scale=0.1, output_zero_point=-128)
    with pytest.raises(ValueError, match=r"with scale 0\.00390625 and zero point -128$"):
        table_of(Sigmoid(), Rule.TFLITE, input_scale=0.1, input_zero_point=0, output_scale=1 / 256, output_zero_point=0)
    with pytest.raises(ValueError, match=r"with scale 0\.0078125 and zero point 0$"):
        table_of(Tanh(), Rule.TFLITE, input_scale=0.1, input_zero_point=0, output_scale=1 / 256, output_zero_point=0)
    with pytest.raises(ValueError, match=r"^ONNX softmax has no beta$"):
        softmax(Rule.ONNX, input_scale=0.1, output_scale=0.1, output_zero_point=0, beta=0.5)
    with pytest.raises(ValueError, match=r"^TFLite average pooling keeps the quantisation"):
        average_pool(
            Rule.TFLITE,
            (2, 2),
            input_scale=0.1,
            input_zero_point=0,
            output_scale=0.2,
            output_zero_point=0,
        )


@pytest.mark.parametrize("output_scale", [0.001, 1e6])
def test_hard_swish_of_tflite_has_16_bits(output_scale: float) -> None:
    with pytest.raises(
        ValueError, match=rf"^HardSwish cannot go from scale 1.0 to {output_scale} with 16 bits as TFLite"
    ):
        table_of(
            HardSwish(),
            Rule.TFLITE,
            input_scale=1.0,
            input_zero_point=0,
            output_scale=output_scale,
            output_zero_point=0,
        )


@pytest.mark.parametrize("operation", ["Add", "Sub"])
def test_sums_refuse_a_tiny_output_scale(operation: str) -> None:
    operand = Affine(1.0, 0)
    with pytest.raises(ValueError, match=r"^scale 9\.\d+e-07 is too small for a sum of scales 1\.0 and 1\.0$"):
        binary(operation, Rule.TFLITE, operand, operand, Affine(1e-6, 0))
