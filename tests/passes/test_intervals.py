# SPDX-License-Identifier: Apache-2.0
"""intervals: no value is ever outside, and where it is easy to see, the bounds are met."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling2D,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    Mul,
    Operator,
    Pad2D,
    Relu6,
    Requantize,
    Sigmoid,
    Softmax,
    Sub,
)
from sconnx.graph.tensor import DType
from sconnx.passes.intervals import intervals
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.passes.planted import Planted, inputs_of, planted

QUANT = QuantValues.of(0.05, -7)
CHANCE = QuantValues.of(1 / 256, -128)


@settings(max_examples=60, deadline=None)
@given(network=planted(), seed=st.integers(0, 2**16))
def test_no_value_is_outside(network: Planted, seed: int) -> None:
    model = network.build()
    found = intervals(model)
    for x in inputs_of(model, seed):
        for tensor, value in execute(model, x).items():
            assert np.all(found[tensor].low <= value) and np.all(value <= found[tensor].high)


def single(rule: Rule, operator: Operator, dims: tuple[int, ...], *constants: int, quant: QuantValues = QUANT) -> Model:
    """One node on one input, of which it reads the same twice where it needs two."""
    builder = ModelBuilder("net", rule)
    x = builder.add_input("x", DType.INT8, dims, QUANT)
    random = np.random.default_rng(1)
    weights = [
        builder.add_constant("w", random.integers(-9, 9, shape).astype(np.int8), QuantValues.of(0.02))
        for shape in constants
    ]
    inputs = (x, *weights) if weights else (x, x) if isinstance(operator, Add | Sub | Mul) else (x,)
    y = builder.add_node(operator, inputs, name="n", source_index=0, output_name="y", quantization=quant)
    return builder.build([y])


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("operator", [Add(), Sub(), Mul(), Mul(activation=Activation.RELU), Relu6(), Requantize()])
def test_functions_of_one_tensor_are_exact(rule: Rule, operator: Operator) -> None:
    model = single(rule, operator, (1, 256), quant=QuantValues.of(0.21, 11))
    x = np.arange(-128, 128).astype(np.int8).reshape(1, 256)
    y = execute(model, [x])[model.graph.outputs[0]]
    found = intervals(model)[model.graph.outputs[0]]
    assert (found.low.min(), found.high.max()) == (y.min(), y.max())
    assert np.all(found.low == found.low[0]) and np.all(found.high == found.high[0])


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(
    ("operator", "weights"),
    [
        (Conv2D(kernel_dims=(1, 2)), (3, 1, 2, 2)),
        (Conv2D(kernel_dims=(1, 2), groups=2), (4, 1, 2, 1)),
        (DepthwiseConv2D(kernel_dims=(1, 2), channel_multiplier=2), (1, 2, 4)),
        (FullyConnected(), (3, 2)),
    ],
)
def test_weighted_sums_are_exact(rule: Rule, operator: Operator, weights: tuple[int, ...]) -> None:
    """A sum has its extremes at extremes of its terms, and here there are few."""
    model = single(rule, operator, (1, 1, 2, 2), weights)
    (y,) = model.graph.outputs
    ends = itertools.product((-128, 127), repeat=4)
    values = np.stack([execute(model, [np.array(x, np.int8).reshape(1, 1, 2, 2)])[y] for x in ends])
    found = intervals(model)[y]
    channels = values.reshape(-1, values.shape[-1])
    np.testing.assert_array_equal(found.low, channels.min(axis=0))
    np.testing.assert_array_equal(found.high, channels.max(axis=0))


def test_padding_is_within() -> None:
    """Padding has the real value 0, whatever stands inside."""
    builder = ModelBuilder("net", Rule.ONNX)
    x = builder.add_input("x", DType.INT8, (1, 2, 2, 1), QUANT)
    constant = builder.add_constant("c", np.full((1, 2, 2, 1), 50, np.int8), QUANT)

    def node(operator: Operator, *inputs: int) -> int:
        return builder.add_node(operator, inputs, name="n", source_index=0, output_name="y", quantization=QUANT)

    zero = node(Sub(), x, x)
    fifty = node(Add(), zero, constant)
    padded = node(Pad2D(padding=(1, 0, 0, 0)), fifty)
    mean = node(AveragePooling2D(kernel_dims=(2, 2), padding=(0, 0, 1, 1), count_include_pad=True), fifty)
    model = builder.build([padded, mean])
    found = intervals(model)
    bounds = [(int(found[t].low[0]), int(found[t].high[0])) for t in model.graph.outputs]
    # A corner counts one value and three paddings: -7 + 57 / 4 = 7.25.
    assert bounds == [(-7, 50), (7, 50)]


@pytest.mark.parametrize("operator", [Softmax(), Sigmoid()])
def test_an_operator_without_a_bound_may_be_anything(operator: Operator) -> None:
    model = single(Rule.TFLITE, operator, (1, 5), quant=CHANCE)
    found = intervals(model)[model.graph.outputs[0]]
    assert np.all(found.low <= -127) and np.all(found.high >= 126)


@pytest.mark.parametrize("operator", [Add(), Mul(), Requantize(), FullyConnected()])
def test_scales_that_the_arithmetic_refuses(operator: Operator) -> None:
    """Later steps say so, and name the node."""
    constants = ((3, 5),) if isinstance(operator, FullyConnected) else ()
    model = single(Rule.TFLITE, operator, (1, 5), *constants, quant=QuantValues.of(1e-15))
    found = intervals(model)[model.graph.outputs[0]]
    assert np.all(found.low == -128) and np.all(found.high == 127)


def test_accumulators_beyond_int32_may_be_anything() -> None:
    builder = ModelBuilder("net", Rule.TFLITE)
    x = builder.add_input("x", DType.INT8, (1, 3), QUANT)
    weights = builder.add_constant("w", np.full((2, 3), 127, np.int8), QuantValues.of(0.02))
    bias = builder.add_constant("b", np.array([2**31 - 1, 2**30], np.int32))
    y = builder.add_node(
        FullyConnected(), (x, weights, bias), name="n", source_index=0, output_name="y", quantization=QUANT
    )
    found = intervals(builder.build([y]))[3]
    np.testing.assert_array_equal(found.low, [-128, 127])
    np.testing.assert_array_equal(found.high, [127, 127])
