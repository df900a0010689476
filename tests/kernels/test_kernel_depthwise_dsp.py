# SPDX-License-Identifier: Apache-2.0
"""The depthwise convolutions of lib `arm_dsp`, as its rules call them: the C twins against the numpy reference, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import ARM_DSP, GENERIC, STRUCTURES, row_operands, rule_of, structure
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import Axis, axes, int8_tensor, int32_bias, seeds, zero_points
from numpy.typing import NDArray
from test_kernel_order import may_lie

from sconnx.export.access import Window
from sconnx.export.node import export_node
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Activation, DepthwiseConv2D
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule


@dataclass(frozen=True)
class Case:
    """A node; `scale` is that of its output, in units of the accumulators'."""

    rule: Rule
    rows: Axis
    columns: Axis
    channels: int
    multiplier: int = 1
    activation: Activation = Activation.NONE
    x_zero: int = 0
    y_zero: int = 0
    scale: float = 100.0
    per_channel: bool = True
    seed: int = 0

    @property
    def model(self) -> Model:
        rng, outputs = np.random.default_rng(self.seed), self.channels * self.multiplier
        builder = ModelBuilder("one", self.rule)
        dims = (1, self.rows.size, self.columns.size, self.channels)
        x = builder.add_input("x", DType.INT8, dims, QuantValues.of(0.05, self.x_zero))
        weights_scale = rng.uniform(0.5, 2.0, outputs if self.per_channel else 1).astype(np.float32)
        values = int8_tensor(rng, self.rows.kernel, self.columns.kernel, outputs)
        weights = builder.add_constant("w", values, QuantValues.of(weights_scale, 0, 2 if self.per_channel else None))
        bias = int32_bias(rng, outputs, int(rng.choice((1000, 1 << 29))))
        operator = DepthwiseConv2D(
            kernel_dims=(self.rows.kernel, self.columns.kernel),
            stride_dims=(self.rows.stride, self.columns.stride),
            dilation_dims=(self.rows.dilation, self.columns.dilation),
            padding=(self.rows.before, self.columns.before, self.rows.after, self.columns.after),
            channel_multiplier=self.multiplier,
            activation=self.activation,
        )
        inputs = (x, weights, None if bias is None else builder.add_constant("b", bias))
        quantization = QuantValues.of(0.05 * self.scale, self.y_zero)
        y = builder.add_node(operator, inputs, name="n", source_index=0, output_name="y", quantization=quantization)
        return builder.build([y])


def check(libraries: tuple[KernelLibrary, ...], case: Case, expected_type: str) -> None:
    model = case.model
    node = export_node(model.graph, 0)
    rule = rule_of(node, ARM_DSP, GENERIC)
    assert rule.params_type == expected_type
    access = rule.access(node)
    assert isinstance(access, Window)
    parameters = structure(STRUCTURES[rule.params_type], rule.pack(node, model.params))
    x = int8_tensor(np.random.default_rng(case.seed + 1), *node.input(0).dims)
    (expected,) = execute(model, [x]).values()
    for library in libraries:
        for y in range(node.output.height):
            rows = row_operands(access, node, [x], y)
            size, kernel = (node.output.row_bytes,), rule.kernel(node).removeprefix("sx_")
            actual = library.run(kernel, parameters, rows, size, scratch_bytes=rule.scratch_bytes(node))
            np.testing.assert_array_equal(actual, expected[0, y].reshape(-1), f"{library.name} row {y} of {case}")


@st.composite
def cases(draw: st.DrawFn, rows: Axis, columns: Axis, most_multiplier: int) -> Case:
    return Case(
        rule=draw(st.sampled_from(Rule)),
        rows=rows,
        columns=columns,
        channels=draw(st.integers(1, 11)),
        multiplier=draw(st.integers(1, most_multiplier)),
        activation=draw(st.sampled_from(Activation)),
        x_zero=draw(zero_points),
        y_zero=draw(zero_points),
        scale=2.0 ** draw(st.one_of(st.integers(5, 9), st.integers(-3, 30))),
        per_channel=draw(st.booleans()),
        seed=draw(seeds),
    )


@st.composite
def axes_of(draw: st.DrawFn, kernel: int, most_stride: int, most_size: int) -> Axis:
    """Windows of one kernel size that may begin and end in padding, or hold nothing else."""
    before, after = draw(st.integers(0, kernel + 1)), draw(st.integers(0, kernel + 1))
    size = draw(st.integers(1, most_size))
    after += max(kernel - size - before - after, 0)
    return Axis(size, kernel, draw(st.integers(1, most_stride)), 1, before, after)


@kernel_settings
@given(st.data())
def test_3x3(libraries: tuple[KernelLibrary, ...], data: st.DataObject) -> None:
    rows, columns = data.draw(axes_of(3, 3, 4)), data.draw(axes_of(3, 2, 40))
    check(libraries, data.draw(cases(rows, columns, 1)), "sx_depthwise_conv2d_3x3_s8_dsp")


@kernel_settings
@given(st.data(), axes(), axes())
def test_any_window(libraries: tuple[KernelLibrary, ...], data: st.DataObject, rows: Axis, columns: Axis) -> None:
    is_3x3 = (rows.kernel, columns.kernel, columns.dilation) == (3, 3, 1) and columns.stride <= 2
    least = 2 if is_3x3 else 1
    case = data.draw(cases(rows, columns, most_multiplier=5))
    check(libraries, replace(case, multiplier=max(case.multiplier, least)), "sx_depthwise_conv2d_s8_dsp")


@pytest.mark.parametrize(
    ("rows", "columns", "channels", "multiplier"),
    [
        (Axis(9, 5, 1, 1, 2, 2), Axis(40, 5, 1, 1, 2, 2), 9, 1),
        (Axis(12, 10, 2, 1, 4, 5), Axis(20, 8, 2, 1, 3, 3), 1, 8),
        (Axis(1, 1, 1, 1, 0, 0), Axis(70, 9, 1, 4, 16, 16), 6, 1),
        (Axis(1, 1, 1, 1, 0, 0), Axis(60, 25, 3, 1, 0, 2), 4, 2),
        (Axis(7, 7, 1, 1, 0, 0), Axis(7, 7, 1, 1, 0, 0), 5, 1),
        (Axis(4, 2, 1, 1, 0, 0), Axis(3, 1, 1, 1, 0, 0), 1, 70),
    ],
)
def test_windows_of_known_networks(
    libraries: tuple[KernelLibrary, ...], rows: Axis, columns: Axis, channels: int, multiplier: int
) -> None:
    for rule in Rule:
        case = Case(rule, rows, columns, channels, multiplier, Activation.RELU, x_zero=-5, y_zero=-128, scale=900.0)
        check(libraries, case, "sx_depthwise_conv2d_s8_dsp")


SAME = Axis(5, 3, 1, 1, 1, 1)


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [2, 7])
def test_an_output_row_may_lie_over_an_input_row(
    libraries: tuple[KernelLibrary, ...], channels: int, stride: int, rule: Rule
) -> None:
    for kernel in (3, 5):
        columns = Axis(33, kernel, stride, 1, 1, 1)
        check_order(libraries, Case(rule, SAME, columns, channels, activation=Activation.RELU, y_zero=-128))


def check_order(libraries: tuple[KernelLibrary, ...], case: Case) -> None:
    """Wherever the access lets an output row lie over an input row, nothing is lost."""
    model = case.model
    node = export_node(model.graph, 0)
    rule = rule_of(node, ARM_DSP, GENERIC)
    access = rule.access(node)
    assert isinstance(access, Window) and access.columns is not None
    assert access.columns.block < node.output.width
    parameters = structure(STRUCTURES[rule.params_type], rule.pack(node, model.params))
    kernel, scratch_bytes = rule.kernel(node).removeprefix("sx_"), rule.scratch_bytes(node)
    x: NDArray[np.int8] = int8_tensor(np.random.default_rng(1), *node.input(0).dims)
    rows, size = row_operands(access, node, [x], 2), node.output.row_bytes
    possible = [
        shift
        for shift in range(1 - size, node.input(0).row_bytes)
        if may_lie(access.columns, node.input(0), node.output, shift)
    ]
    shifts = {*possible[:40], *possible[-40:]}
    assert shifts
    for library in libraries:
        expected = library.run(kernel, parameters, rows, (size,), scratch_bytes=scratch_bytes)
        for over in range(len(rows)):
            for shift in sorted(shifts):
                actual = library.run_over(kernel, parameters, rows, over, shift, size, scratch_bytes)
                np.testing.assert_array_equal(actual, expected, f"{library.name}, {shift} bytes behind row {over}")
