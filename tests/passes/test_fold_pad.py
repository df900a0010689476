# SPDX-License-Identifier: Apache-2.0
"""fold_pad: what it removes computes the same; a pad that means something else than the reader's own padding stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    MaxPooling1D,
    MaxPooling2D,
    Operator,
    Pad2D,
    Relu,
    Reshape,
)
from sconnx.graph.tensor import DType
from sconnx.passes.fold_pad import fold_pad
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule
from tests.passes.planted import inputs_of

QUANT = QuantValues.of(0.05, -7)
Sides = tuple[int, int, int, int]


class Net:
    """Relu, if the values are to be positive, then a pad; the readers are the test's."""

    def __init__(
        self,
        rule: Rule,
        padding: Sides,
        *,
        positive: bool,
        dims: tuple[int, ...] = (1, 5, 4, 2),
        sequence: bool = False,
    ) -> None:
        self.builder = ModelBuilder("net", rule)
        x = self.builder.add_input("x", DType.INT8, dims, QUANT)
        x = self.add(Relu(), x) if positive else x
        if sequence:
            image = self.add(Reshape(dims=(1, 1, *dims[1:])), x)
            padded = self.add(Pad2D(padding=padding), image)
            height, width = self.builder.tensors[padded].dims[1:3]
            self.padded = self.add(Reshape(dims=(1, height * width, dims[-1])), padded)
        else:
            self.padded = self.add(Pad2D(padding=padding), x)

    def add(self, operator: Operator, *inputs: int) -> int:
        count = len(self.builder.nodes)
        return self.builder.add_node(
            operator, inputs, name=f"n{count}", source_index=count, output_name=f"t{count}", quantization=QUANT
        )

    def weights(self, *dims: int) -> int:
        values = np.random.default_rng(0).integers(-127, 128, dims).astype(np.int8)
        return self.builder.add_constant("w", values, QuantValues.of(0.004))

    def depthwise(self, padding: Sides = (0, 0, 0, 0)) -> int:
        operator = DepthwiseConv2D(
            kernel_dims=(3, 3), stride_dims=(2, 2), padding=padding, channel_multiplier=2, activation=Activation.RELU6
        )
        return self.add(operator, self.padded, self.weights(3, 3, 4))

    def build(self, *outputs: int) -> Model:
        return self.builder.build(list(outputs))


def types(model: Model) -> list[str]:
    return [node.type for node in model.graph.nodes]


def check_same_outputs(model: Model, folded: Model) -> None:
    for x in inputs_of(model):
        before, after = execute(model, x), execute(folded, x)
        for old, new in zip(model.graph.outputs, folded.graph.outputs, strict=True):
            np.testing.assert_array_equal(before[old], after[new])


sides = st.tuples(*[st.integers(0, 2)] * 4)


@settings(max_examples=60, deadline=None)
@given(rule=st.sampled_from(Rule), outer=sides, inner=sides, positive=st.booleans())
def test_into_a_depthwise_convolution(rule: Rule, outer: Sides, inner: Sides, positive: bool) -> None:
    net = Net(rule, outer, positive=positive)
    model = net.build(net.depthwise(inner))
    folded = fold_pad(model)
    assert types(folded) == ["Relu"] * positive + ["DepthwiseConv2D"]
    check_same_outputs(model, folded)


@settings(max_examples=60, deadline=None)
@given(rule=st.sampled_from(Rule), outer=sides, inner=sides, positive=st.booleans(), kernel=st.integers(1, 3))
def test_into_a_maximum(rule: Rule, outer: Sides, inner: Sides, positive: bool, kernel: int) -> None:
    net = Net(rule, outer, positive=positive)
    pool = MaxPooling2D(kernel_dims=(kernel, 3), stride_dims=(1, 2), padding=inner)
    model = net.build(net.add(pool, net.padded))
    folded = fold_pad(model)
    both = [a + b for a, b in zip(outer, inner, strict=True)]
    # Along each dimension the first window and the last one reach the image.
    reaches = max(both[0], both[2]) < kernel and both[1] < 3 and (4 + both[1] + both[3] - 3) // 2 * 2 < both[1] + 4
    assert types(folded) == ["Relu"] * positive + ["Pad2D"] * (not (positive and reaches)) + ["MaxPooling2D"]
    check_same_outputs(model, folded)


@settings(max_examples=60, deadline=None)
@given(rule=st.sampled_from(Rule), outer=sides, counts=st.booleans(), own=st.booleans())
def test_into_an_average(rule: Rule, outer: Sides, counts: bool, own: bool) -> None:
    """TFLite's averages leave padding out, so they never take a pad; ONNX has both kinds."""
    net = Net(rule, outer, positive=False)
    pool = AveragePooling2D(
        kernel_dims=(4, 4),
        padding=(1, 0, 0, 1) if own else (0, 0, 0, 0),
        count_include_pad=counts and rule is Rule.ONNX,
    )
    model = net.build(net.add(pool, net.padded))
    folded = fold_pad(model)
    assert ("Pad2D" in types(folded)) == (rule is Rule.TFLITE or (own and not counts))
    check_same_outputs(model, folded)


@settings(max_examples=60, deadline=None)
@given(
    rule=st.sampled_from(Rule),
    sides=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    positive=st.booleans(),
    kind=st.sampled_from(["conv", "depthwise", "maximum", "average"]),
)
def test_of_a_sequence(rule: Rule, sides: tuple[int, int], positive: bool, kind: str) -> None:
    net = Net(rule, (0, sides[0], 0, sides[1]), positive=positive, dims=(1, 7, 2), sequence=True)
    operators: dict[str, tuple[Operator, tuple[int, ...]]] = {
        "conv": (Conv1D(kernel_dims=(3,), dilation_dims=(2,), padding=(1, 0)), (5, 3, 2)),
        "depthwise": (DepthwiseConv1D(kernel_dims=(3,), stride_dims=(2,)), (3, 2)),
        "maximum": (MaxPooling1D(kernel_dims=(3,)), ()),
        "average": (AveragePooling1D(kernel_dims=(3,)), ()),
    }
    operator, dims = operators[kind]
    model = net.build(net.add(operator, net.padded, *([net.weights(*dims)] if dims else [])))
    folded = fold_pad(model)
    is_average_of_onnx = kind == "average" and rule is Rule.ONNX
    has_values = max(sides) < 3 and ((kind == "maximum" and positive) or is_average_of_onnx)
    is_folded = kind in ("conv", "depthwise") or has_values
    pads = [] if is_folded else ["Reshape", "Pad2D", "Reshape"]
    assert types(folded) == ["Relu"] * positive + pads + [type(operator).__name__]
    check_same_outputs(model, folded)


def test_a_pad_of_two_rows_is_no_sequence() -> None:
    """More rows than one become more elements of the sequence."""
    net = Net(Rule.ONNX, (0, 0, 1, 0), positive=True, dims=(1, 7, 2), sequence=True)
    model = net.build(net.add(DepthwiseConv1D(kernel_dims=(3,)), net.padded, net.weights(3, 2)))
    assert types(fold_pad(model)) == types(model)


@pytest.mark.parametrize("other", ["output", "convolution"])
def test_other_readers_keep_it(other: str) -> None:
    net = Net(Rule.ONNX, (1, 1, 1, 1), positive=False)
    dense = net.padded
    if other == "convolution":
        dense = net.add(Conv2D(kernel_dims=(1, 1)), net.padded, net.weights(3, 1, 1, 2))
    model = net.build(net.depthwise(), dense)
    assert types(fold_pad(model)) == types(model)


def test_several_readers_take_it() -> None:
    net = Net(Rule.ONNX, (0, 0, 1, 1), positive=True)
    pool = net.add(MaxPooling2D(kernel_dims=(2, 2)), net.padded)
    model = net.build(net.depthwise(), pool)
    folded = fold_pad(model)
    assert types(folded) == ["Relu", "MaxPooling2D", "DepthwiseConv2D"]
    check_same_outputs(model, folded)


@pytest.mark.parametrize("pooled", [False, True])
def test_of_int16(pooled: bool) -> None:
    """Nothing is known of the values of int16, so a maximum keeps its pad."""
    builder, quant = ModelBuilder("net", Rule.TFLITE), QuantValues.of(1e-4, 0)
    x = builder.add_input("x", DType.INT16, (1, 5, 4, 2), quant)
    one = {"source_index": 0, "quantization": quant, "dtype": DType.INT16}
    padded = builder.add_node(Pad2D(padding=(1, 0, 2, 1)), (x,), name="pad", output_name="p", **one)  # type: ignore[arg-type]
    weights = builder.add_constant("w", np.arange(-6, 6).reshape(3, 2, 2).astype(np.int8), QuantValues.of(0.01))
    reader: Operator = MaxPooling2D(kernel_dims=(3, 3)) if pooled else DepthwiseConv2D(kernel_dims=(3, 2))
    inputs = (padded,) if pooled else (padded, weights)
    y = builder.add_node(reader, inputs, name="reader", output_name="y", **one)  # type: ignore[arg-type]
    model = builder.build([y])
    folded = fold_pad(model)
    assert types(folded) == (["Pad2D", "MaxPooling2D"] if pooled else ["DepthwiseConv2D"])
    values = np.random.default_rng(0).integers(-32768, 32768, (1, 5, 4, 2)).astype(np.int16)
    before, after = execute(model, [values]), execute(folded, [values])
    np.testing.assert_array_equal(before[model.graph.outputs[0]], after[folded.graph.outputs[0]])
