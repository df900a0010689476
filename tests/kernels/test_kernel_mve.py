# SPDX-License-Identifier: Apache-2.0
"""Lib `arm_mve`, with the C twins of its instructions: rules and kernels against the reference, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import FEATURES, MVE, STRUCTURES, row_operands, rule_of, structure
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import Axis, axes, int8_tensor, rules, seeds, zero_points

from sconnx.export.access import Window
from sconnx.export.node import export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Activation, Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, FullyConnected, Operator
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

activations = st.sampled_from(list(Activation))
weights_zero_points = st.one_of(st.just(0), zero_points)


class OneNode:
    """A model of one node with weights; `products` is about how many make up a sum."""

    def __init__(self, data: st.DataObject, products: int) -> None:
        self.random = np.random.default_rng(data.draw(seeds))
        self.builder = ModelBuilder("one", data.draw(rules))
        largest = 10 + products.bit_length()
        self.exponent = data.draw(st.one_of(st.just(8 - largest), st.integers(-31, 8)))
        self.most_bias = data.draw(st.sampled_from((1 << largest, (1 << 31) - (1 << 24))))
        self.input_zero, self.output_zero = data.draw(zero_points), data.draw(zero_points)

    def constants(self, dims: Sequence[int], axis: int, zero_point: int) -> list[int | None]:
        """Weights with one or several scales that lie around 2^exponent times those of the output, and a bias or none."""
        count = dims[axis] if zero_point == 0 and self.random.integers(3) else 1
        scale = (self.random.uniform(0.5, 2.0, count) * 2.0**self.exponent).astype(np.float32)
        values = int8_tensor(self.random, *dims)
        weights = self.builder.add_constant("w", values, QuantValues.of(scale, zero_point, axis))
        bias = self.random.integers(-self.most_bias, self.most_bias, dims[axis]).astype(np.int32)
        return [weights, self.builder.add_constant("b", bias) if self.random.integers(3) else None]

    def build(
        self, operator: Operator, dims: tuple[int, ...], weights: Sequence[int], axis: int, zero: int = 0
    ) -> Model:
        x = self.builder.add_input("x", DType.INT8, dims, QuantValues.of(0.25, self.input_zero))
        operands = (x, *self.constants(weights, axis, zero))
        quant = QuantValues.of(0.25, self.output_zero)
        output = self.builder.add_node(
            operator, operands, name="n", source_index=0, output_name="y", quantization=quant
        )
        return self.builder.build([output])


def check(libraries: tuple[KernelLibrary, ...], model: Model, random: np.random.Generator) -> None:
    node = export_node(model.graph, 0)
    x = int8_tensor(random, *node.input(0).dims)
    (expected,) = execute(model, [x]).values()
    rule = rule_of(node, MVE)
    parameters = structure(STRUCTURES[rule.params_type], rule.pack(node, model.params))
    kernel, access = rule.kernel(node).removeprefix("sx_"), rule.access(node)
    scratch = rule.scratch_bytes(node)
    for library in libraries:

        def call(operands: list[Any], shape: tuple[int, ...], library: KernelLibrary = library) -> Any:
            return library.run(kernel, parameters, operands, shape, scratch_bytes=scratch)

        if isinstance(access, Window):
            rows = [row_operands(access, node, [x], y) for y in range(node.output.height)]
            actual = np.concatenate([call(row, (node.output.row_bytes,)) for row in rows]).reshape(expected.shape)
        else:
            actual = call([x], expected.shape)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {kernel}")


def window(rows: Axis, columns: Axis) -> dict[str, Any]:
    return {
        "kernel_dims": (rows.kernel, columns.kernel),
        "stride_dims": (rows.stride, columns.stride),
        "dilation_dims": (rows.dilation, columns.dilation),
        "padding": (rows.before, columns.before, rows.after, columns.after),
    }


@kernel_settings
@given(
    st.data(), axes(), axes(), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9), weights_zero_points, activations
)
def test_conv2d(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    rows: Axis,
    columns: Axis,
    groups: int,
    group_in: int,
    group_out: int,
    w_zero: int,
    activation: Activation,
) -> None:
    made = OneNode(data, rows.kernel * columns.kernel * group_in)
    operator = Conv2D(**window(rows, columns), groups=groups, activation=activation)
    weights = (groups * group_out, rows.kernel, columns.kernel, group_in)
    model = made.build(operator, (1, rows.size, columns.size, groups * group_in), weights, 0, w_zero)
    check(libraries, model, made.random)


@kernel_settings
@given(st.data(), st.integers(1, 70), st.integers(1, 140), st.integers(1, 3), weights_zero_points, activations)
def test_pointwise(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    in_channels: int,
    out_channels: int,
    stride: int,
    w_zero: int,
    activation: Activation,
) -> None:
    """The same matrix as a convolution of an image, of a sequence, and as a fully connected layer of several inputs."""
    cases: list[tuple[Operator, tuple[int, ...], int]] = [
        (Conv2D(kernel_dims=(1, 1), stride_dims=(stride, stride), activation=activation), (1, 2, 20, in_channels), 2),
        (Conv1D(kernel_dims=(1,), stride_dims=(stride,), activation=activation), (1, 5, in_channels), 1),
        (FullyConnected(activation=activation), (stride, in_channels), 0),
    ]
    for operator, dims, ones in cases:
        made = OneNode(data, in_channels)
        model = made.build(operator, dims, (out_channels, *[1] * ones, in_channels), 0, w_zero)
        assert rule_of(export_node(model.graph, 0), MVE).params_type == "sx_pointwise_s8_mve"
        check(libraries, model, made.random)


@kernel_settings
@given(st.data(), axes(), axes(), st.integers(1, 36), activations)
def test_depthwise_conv2d(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    rows: Axis,
    columns: Axis,
    channels: int,
    activation: Activation,
) -> None:
    made = OneNode(data, rows.kernel * columns.kernel)
    operator = DepthwiseConv2D(**window(rows, columns), activation=activation)
    model = made.build(operator, (1, rows.size, columns.size, channels), (rows.kernel, columns.kernel, channels), 2)
    check(libraries, model, made.random)


@kernel_settings
@given(st.data(), axes(), st.integers(1, 20), st.integers(1, 20))
def test_of_sequences(
    libraries: tuple[KernelLibrary, ...], data: st.DataObject, steps: Axis, in_channels: int, out_channels: int
) -> None:
    fields: dict[str, Any] = {
        "kernel_dims": (steps.kernel,),
        "stride_dims": (steps.stride,),
        "dilation_dims": (steps.dilation,),
        "padding": (steps.before, steps.after),
    }
    dims = (1, steps.size, in_channels)
    made = OneNode(data, steps.kernel * in_channels)
    check(libraries, made.build(Conv1D(**fields), dims, (out_channels, steps.kernel, in_channels), 0), made.random)
    made = OneNode(data, steps.kernel)
    check(libraries, made.build(DepthwiseConv1D(**fields), dims, (steps.kernel, in_channels), 1), made.random)


@kernel_settings
@given(st.data(), axes(), axes(), st.integers(1, 20))
def test_depthwise_in_one_channel(
    libraries: tuple[KernelLibrary, ...], data: st.DataObject, rows: Axis, columns: Axis, multiplier: int
) -> None:
    """A convolution of one channel, whatever the number of output channels."""
    made = OneNode(data, rows.kernel * columns.kernel)
    operator = DepthwiseConv2D(**window(rows, columns), channel_multiplier=multiplier)
    model = made.build(operator, (1, rows.size, columns.size, 1), (rows.kernel, columns.kernel, multiplier), 2)
    check(libraries, model, made.random)


@pytest.mark.parametrize(("multiplier", "w_zero"), [(2, 0), (1, 5)])
def test_what_is_left_to_other_libs(multiplier: int, w_zero: int) -> None:
    builder = ModelBuilder("one", Rule.TFLITE)
    x = builder.add_input("x", DType.INT8, (1, 4, 4, 3), QuantValues.of(0.25, 0))
    values = np.ones((2, 2, 3 * multiplier), np.int8)
    w = builder.add_constant("w", values, QuantValues.of(0.25, w_zero))
    operator = DepthwiseConv2D(kernel_dims=(2, 2), channel_multiplier=multiplier)
    quant = QuantValues.of(0.25, 0)
    y = builder.add_node(operator, (x, w, None), name="n", source_index=0, output_name="y", quantization=quant)
    node = export_node(builder.build([y]).graph, 0)
    reasons = {2: "2 output channels per input channel", 1: "the weights have a zero point"}
    found = verdicts(node, [MVE], FEATURES["arm_mve"])
    assert first_fit(found) is None
    assert reasons[multiplier] in [verdict.reason for verdict in found]
