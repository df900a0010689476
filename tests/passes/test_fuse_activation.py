# SPDX-License-Identifier: Apache-2.0
"""fuse_activation: what it removes computes the same; what it must not touch stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import Activation, Add, Conv2D, FullyConnected, MaxPooling2D, Mul, Operator, Relu, Relu6, Sub
from sconnx.graph.tensor import DType
from sconnx.passes.fuse_activation import fuse_activation
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

INPUT = QuantValues.of(0.05, 3)
OUTPUT = QuantValues.of(0.083, -11)


def start(rule: Rule) -> tuple[ModelBuilder, int]:
    builder = ModelBuilder("net", rule)
    return builder, builder.add_input("x", DType.INT8, (1, 4, 4, 16), INPUT)


def add(builder: ModelBuilder, operator: Operator, *inputs: int, quantization: QuantValues = OUTPUT) -> int:
    count = len(builder.nodes)
    return builder.add_node(
        operator, inputs, name=f"n{count}", source_index=count, output_name=f"t{count}", quantization=quantization
    )


def weights(builder: ModelBuilder, *dims: int) -> int:
    values = np.random.default_rng(0).integers(-127, 128, dims).astype(np.int8)
    return builder.add_constant("w", values, QuantValues.of(0.0071))


def conv(builder: ModelBuilder, x: int, activation: Activation = Activation.NONE) -> int:
    return add(builder, Conv2D(kernel_dims=(2, 2), activation=activation), x, weights(builder, 9, 2, 2, 16))


def check_same_outputs(model: Model, folded: Model) -> None:
    x = np.random.default_rng(1).integers(-128, 128, (1, 4, 4, 16)).astype(np.int8)
    before, after = execute(model, [x]), execute(folded, [x])
    for old, new in zip(model.graph.outputs, folded.graph.outputs, strict=True):
        np.testing.assert_array_equal(before[old], after[new])


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("clamp", [Relu(), Relu6()])
@pytest.mark.parametrize("kind", ["conv", "dense", "add", "sub", "mul", "max"])
def test_fused(rule: Rule, clamp: Operator, kind: str) -> None:
    builder, x = start(rule)
    if kind == "conv":
        y = conv(builder, x)
    elif kind == "dense":
        y = add(builder, FullyConnected(), x, weights(builder, 5, 16))
    elif kind == "max":
        y = add(builder, MaxPooling2D(kernel_dims=(2, 2)), x, quantization=INPUT)
    else:
        y = add(builder, {"add": Add(), "sub": Sub(), "mul": Mul()}[kind], x, x)
    model = builder.build([add(builder, clamp, y, quantization=INPUT if kind == "max" else OUTPUT)])
    fused = fuse_activation(model)
    (node,) = fused.graph.nodes
    assert node.type == model.graph.nodes[0].type
    assert fused.graph.tensors[fused.graph.outputs[0]].name == "t1"
    check_same_outputs(model, fused)


def other_scale() -> Model:
    builder, x = start(Rule.ONNX)
    return builder.build([add(builder, Relu(), conv(builder, x), quantization=INPUT)])


def other_reader() -> Model:
    builder, x = start(Rule.ONNX)
    y = conv(builder, x)
    return builder.build([add(builder, Relu(), y), add(builder, Relu6(), y)])


def output_before_relu() -> Model:
    builder, x = start(Rule.ONNX)
    y = conv(builder, x)
    return builder.build([y, add(builder, Relu(), y)])


def clamped_already() -> Model:
    builder, x = start(Rule.ONNX)
    return builder.build([add(builder, Relu(), conv(builder, x, activation=Activation.RELU6))])


def of_the_input() -> Model:
    builder, x = start(Rule.ONNX)
    return builder.build([add(builder, Relu(), x, quantization=INPUT)])


@pytest.mark.parametrize("make", [other_scale, other_reader, output_before_relu, clamped_already, of_the_input])
def test_kept(make: Callable[[], Model]) -> None:
    model = make()
    fused = fuse_activation(model)
    assert fused.graph == model.graph
    check_same_outputs(model, fused)
