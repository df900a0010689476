# SPDX-License-Identifier: Apache-2.0
"""The packed convolutions and fully connected layers of lib `arm_dsp`, packed by their rules, against the numpy reference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import ARM_DSP, GENERIC, STRUCTURES, rule_of, structure
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import (
    Axis,
    axes,
    int8_tensor,
    int32_bias,
    replay_image,
    requantizes,
    seeds,
    zero_points,
)
from numpy.typing import NDArray

from export_rules.arm_dsp.convolution import block_of, packed_values
from export_rules.arm_dsp.packing import whole_fours_first
from export_rules.arm_dsp.requantize import per_channel, requantize_fields
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode, export_node
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Conv2D, FullyConnected, Operator
from sconnx.graph.tensor import DType
from sconnx.reference import convolution
from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule

NEAR_THE_LIMIT = (1 << 31) - (1 << 24)
"""Biases up to it leave room for all sums here: each product is below 2^15, and there are fewer than 2^9."""


def one_node(
    operator: Operator,
    x: NDArray[np.int8],
    weights: NDArray[np.int8],
    bias: NDArray[np.int32] | None,
    zero: int,
    rule: Requantize,
) -> Model:
    """A model of one node; how it requantises is drawn elsewhere."""
    builder = ModelBuilder("one", rule.rule)
    inputs: list[int | None] = [builder.add_input("x", DType.INT8, x.shape, QuantValues.of(0.1, zero))]
    inputs.append(builder.add_constant("w", weights, QuantValues.of(0.1, 0)))
    inputs.append(None if bias is None else builder.add_constant("b", bias))
    quant = QuantValues.of(0.1, 0)
    output = builder.add_node(operator, tuple(inputs), name="n", source_index=0, output_name="y", quantization=quant)
    return builder.build([output])


def packed(model: Model) -> tuple[ExportNode, Implementation, dict[str, CValue]]:
    node = export_node(model.graph, 0)
    implementation = rule_of(node, ARM_DSP, GENERIC)
    assert implementation.params_type.endswith("packed_s8")
    return node, implementation, dict(implementation.pack(node, model.params))


@kernel_settings
@given(st.data(), axes(), axes(), zero_points, seeds)
def test_conv2d(
    libraries: tuple[KernelLibrary, ...], data: st.DataObject, rows: Axis, columns: Axis, zero: int, seed: int
) -> None:
    groups, group_in, group_out = (data.draw(st.integers(1, most)) for most in (3, 9, 7))
    channels = groups * group_out
    taps = rows.kernel * columns.kernel * group_in
    largest = data.draw(st.sampled_from((1 << (10 + taps.bit_length()), NEAR_THE_LIMIT)))
    requantize = data.draw(requantizes(channels, largest))
    rng = np.random.default_rng(seed)
    x = int8_tensor(rng, 1, rows.size, columns.size, groups * group_in)
    weights = int8_tensor(rng, channels, rows.kernel, columns.kernel, group_in)
    bias = int32_bias(rng, channels, largest)
    operator = Conv2D(
        kernel_dims=(rows.kernel, columns.kernel),
        stride_dims=(rows.stride, columns.stride),
        dilation_dims=(rows.dilation, columns.dilation),
        padding=(rows.before, columns.before, rows.after, columns.after),
        groups=groups,
    )
    expected = convolution.conv2d(
        x,
        weights,
        bias,
        input_zero_point=zero,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        groups=groups,
        requantize=requantize,
    )[0]
    node, implementation, fields = packed(one_node(operator, x, weights, bias, zero, requantize))
    ordered = whole_fours_first(weights, int(fields["run_bytes"]))  # type: ignore[arg-type]
    fields |= packed_values(ordered, bias, per_channel(requantize, channels), zero, groups)
    scratch_bytes = implementation.scratch_bytes(node)
    fields["block"] = data.draw(st.sampled_from([block for block in (1, 2, 4) if block <= int(fields["block"])]))  # type: ignore[arg-type]
    image = replay_image(rows, node.input(0).row_bytes, node.output.row_bytes)
    for library in libraries:
        parameters = structure(STRUCTURES["sx_conv2d_packed_s8"], fields)
        name = f"conv2d_packed_{requantize.rule.value}"
        actual = library.replay(name, parameters, image, x, expected.shape, scratch_bytes)
        np.testing.assert_array_equal(actual, expected, library.name)


@kernel_settings
@given(st.data(), st.integers(1, 3), st.integers(1, 70), st.integers(1, 9), zero_points, seeds)
def test_fully_connected(
    libraries: tuple[KernelLibrary, ...],
    data: st.DataObject,
    batch: int,
    in_features: int,
    out_features: int,
    zero: int,
    seed: int,
) -> None:
    largest = data.draw(st.sampled_from((1 << (10 + in_features.bit_length()), NEAR_THE_LIMIT)))
    requantize = data.draw(requantizes(out_features, largest))
    rng = np.random.default_rng(seed)
    x, weights = int8_tensor(rng, batch, in_features), int8_tensor(rng, out_features, in_features)
    bias = int32_bias(rng, out_features, largest)
    expected = convolution.fully_connected(x, weights, bias, input_zero_point=zero, requantize=requantize)
    _, _, fields = packed(one_node(FullyConnected(), x, weights, bias, zero, requantize))
    fields["requantize"] = requantize_fields(requantize)
    for library in libraries:
        parameters = structure(STRUCTURES["sx_fully_connected_packed_s8"], fields)
        actual = library.run(f"fully_connected_packed_s8_{requantize.rule.value}", parameters, [x], expected.shape)
        np.testing.assert_array_equal(actual, expected, library.name)


def test_a_few_channels_may_be_odd(libraries: tuple[KernelLibrary, ...]) -> None:
    """Channel 3 has a shift of 0 and channel 12 one to the left: exceptions. Of channel 5 all outputs are equal."""
    rng = np.random.default_rng(8)
    x, weights = int8_tensor(rng, 1, 6, 9, 5), int8_tensor(rng, 16, 3, 3, 5)
    bias = rng.integers(-3000, 3000, 16).astype(np.int32)
    bias[5] = 1 << 30
    shift = np.full(16, -8, np.int8)
    shift[[3, 5, 12]] = 0, -28, 2
    multiplier = rng.integers(1 << 30, 1 << 31, 16).astype(np.int32)
    requantize = Requantize(Rule.TFLITE, multiplier, shift, -7, -128, 127)
    operator = Conv2D(kernel_dims=(3, 3), padding=(1, 1, 1, 1))
    expected = convolution.conv2d(
        x, weights, bias, input_zero_point=11, padding=operator.padding, requantize=requantize
    )[0]
    assert len(np.unique(expected[..., 5])) == 1 and len(np.unique(expected[..., 3])) > 1
    node, implementation, fields = packed(one_node(operator, x, weights, bias, 11, requantize))
    fields |= packed_values(whole_fours_first(weights, 3 * 5), bias, requantize, 11, 1)
    exceptions, numbers = fields["exceptions"], fields["requantize"]
    assert isinstance(exceptions, Array) and exceptions.values.tolist() == [3, 12]
    assert isinstance(numbers, Mapping) and numbers["short_shifts"] == 1
    image = replay_image(Axis(6, 3, 1, 1, 1, 1), node.input(0).row_bytes, node.output.row_bytes)
    for block in (4, 2, 1):
        fields["block"] = block
        for library in libraries:
            parameters = structure(STRUCTURES["sx_conv2d_packed_s8"], fields)
            scratch_bytes = implementation.scratch_bytes(node)
            actual = library.replay("conv2d_packed_tflite", parameters, image, x, expected.shape, scratch_bytes)
            np.testing.assert_array_equal(actual, expected, library.name)


def test_pixels_at_once_keep_the_scratch_small() -> None:
    def block(kernel: int, channels: int) -> int:
        return block_of(Conv2D(kernel_dims=(kernel, kernel)), channels)

    assert [block(1, 288), block(3, 32), block(1, 289), block(3, 64), block(1, 577)] == [4, 4, 2, 2, 1]
