# SPDX-License-Identifier: Apache-2.0
"""The rules of the lib `generic`: what they pack makes their kernels compute what the reference computes, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import kernel_structures as structures
import numpy as np
import pytest
from kernel_library import ROOT, KernelLibrary
from kernel_strategies import int8_tensor

from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Window
from sconnx.export.library import load_libs
from sconnx.export.node import export_node
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Dims,
    FullyConnected,
    MaxPooling1D,
    MaxPooling2D,
    Mul,
    Operator,
    Pad2D,
    Sub,
)
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

GENERIC = load_libs((ROOT / "export_rules",))["generic"]
STRUCTURES: dict[str, type[structures.Structure]] = {
    "sx_conv2d_s8": structures.Conv2D,
    "sx_depthwise_conv2d_s8": structures.DepthwiseConv2D,
    "sx_fully_connected_s8": structures.FullyConnected,
    "sx_average_pooling2d_s8": structures.AveragePooling2D,
    "sx_max_pooling2d_s8": structures.MaxPooling2D,
    "sx_add_s8": structures.Add,
    "sx_sub_s8": structures.Add,
    "sx_mul_s8": structures.Add,
    "sx_pad2d_s8": structures.Pad2D,
}
X = QuantValues.of(0.05, -6)
RELU = Activation.RELU

# An operator, the dims of its inputs and of its weights, and whether the output has the quantisation of input 0.
CASES: list[tuple[Operator, list[Dims], Dims | None, bool]] = [
    (Conv2D(kernel_dims=(3, 2), stride_dims=(2, 1), padding=(1, 0, 2, 1)), [(1, 7, 6, 3)], (5, 3, 2, 3), False),
    (Conv2D(kernel_dims=(2, 2), dilation_dims=(2, 3), groups=2, activation=RELU), [(1, 7, 6, 4)], (6, 2, 2, 2), False),
    (Conv1D(kernel_dims=(3,), stride_dims=(2,), padding=(2, 1)), [(1, 11, 3)], (5, 3, 3), False),
    (Conv1D(kernel_dims=(2,), dilation_dims=(3,), groups=2, activation=RELU), [(1, 9, 4)], (6, 2, 2), False),
    (DepthwiseConv2D(kernel_dims=(2, 3), padding=(1, 1, 0, 1)), [(1, 5, 6, 4)], (2, 3, 4), False),
    (DepthwiseConv1D(kernel_dims=(3,), dilation_dims=(2,), padding=(3, 1)), [(1, 12, 4)], (3, 4), False),
    (DepthwiseConv1D(kernel_dims=(2,), stride_dims=(3,), channel_multiplier=3), [(1, 12, 2)], (2, 6), False),
    (FullyConnected(activation=RELU), [(2, 9)], (4, 9), False),
    (AveragePooling2D(kernel_dims=(3, 2), stride_dims=(1, 2), padding=(1, 0, 1, 1)), [(1, 6, 5, 3)], None, True),
    (AveragePooling1D(kernel_dims=(3,), stride_dims=(2,), padding=(1, 2)), [(1, 10, 3)], None, True),
    (AveragePooling1D(kernel_dims=(10,)), [(1, 10, 3)], None, True),
    (MaxPooling2D(kernel_dims=(2, 3), dilation_dims=(2, 1), padding=(0, 2, 1, 0)), [(1, 6, 5, 3)], None, True),
    (MaxPooling1D(kernel_dims=(3,), stride_dims=(2,), dilation_dims=(2,), padding=(1, 3)), [(1, 10, 3)], None, True),
    (Pad2D(padding=(2, 1, 0, 3)), [(1, 4, 5, 3)], None, True),
    (Pad2D(padding=(0, 0, 0, 0)), [(1, 4, 5, 3)], None, True),
    (Add(activation=RELU), [(1, 4, 300), (1, 4, 300)], None, False),
    (Sub(), [(1, 4, 300), (1, 4, 300)], None, False),
    (Mul(activation=Activation.RELU6), [(1, 4, 300), (1, 4, 300)], None, False),
]


def model_of(
    operator: Operator, inputs: list[Dims], weights: Dims | None, keeps: bool, rule: Rule, rng: np.random.Generator
) -> Model:
    """A model of one node. Weights have one scale per channel, which is their last dimension in depthwise operators."""
    builder = ModelBuilder("one", rule)
    operands: list[int | None] = []
    for position, dims in enumerate(inputs):
        quant = QuantValues.of(0.07, 11) if position else X
        operands.append(builder.add_input(f"x{position}", DType.INT8, dims, quant))
    if weights is not None:
        axis = len(weights) - 1 if isinstance(operator, DepthwiseConv1D | DepthwiseConv2D) else 0
        scale = rng.uniform(0.002, 0.01, weights[axis]).astype(np.float32)
        values = np.maximum(int8_tensor(rng, *weights), -127).astype(np.int8)
        operands.append(builder.add_constant("w", values, QuantValues.of(scale, 0, axis)))
        bias = rng.integers(-3000, 3000, weights[axis]).astype(np.int32)
        operands.append(builder.add_constant("b", bias, QuantValues.of(X.scale * scale, 0, 0)))
    quant = X if keeps else QuantValues.of(0.09, 4)
    output = builder.add_node(operator, tuple(operands), name="n", source_index=0, output_name="y", quantization=quant)
    return builder.build([output])


def structure(cls: type[structures.Structure], fields: Mapping[str, CValue]) -> structures.Structure:
    """The C structure of what a rule has packed."""

    def plain(value: CValue) -> Any:
        if isinstance(value, Array):
            return np.ascontiguousarray(value.values) if value.values.size else None
        return structure(structures.Requantize, value) if isinstance(value, Mapping) else value

    return cls(**{name: plain(value) for name, value in fields.items()})


def computed(model: Model, inputs: list[np.ndarray[Any, np.dtype[np.int8]]], library: KernelLibrary) -> Any:
    """The output of the only node, by the kernel that its rule chooses, called as the access says."""
    node = export_node(model.graph, 0)
    ((spec, rule),) = GENERIC.candidates(node.type)
    assert rule.reject(node) is None
    inputs_given = tuple(None if operand is None else operand.tensor for operand in node.inputs)
    assert not spec.mismatches(inputs_given, (node.output.tensor,))
    parameters = structure(STRUCTURES[rule.params_type], rule.pack(node, model.params))
    kernel, access = rule.kernel(node).removeprefix("sx_"), rule.access(node)
    if not isinstance(access, Window):
        return library.run(kernel, parameters, [inputs[position] for position in rule.operands(node)], node.output.dims)
    height = node.input(0).height
    image = inputs[0].reshape(height, -1)
    lines = []
    for y in range(node.output.height):
        numbers = [y * access.stride - access.pad + i * access.dilation for i in range(access.kernel)]
        rows = [image[number] if 0 <= number < height else None for number in numbers]
        lines.append(library.run(kernel, parameters, rows, (node.output.row_bytes,)))
    return np.concatenate(lines).reshape(node.output.dims)


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case[0]).__name__)
def test_rule(
    libraries: tuple[KernelLibrary, ...], case: tuple[Operator, list[Dims], Dims | None, bool], rule: Rule
) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        model = model_of(*case, rule, rng)
        inputs = [int8_tensor(rng, *dims) for dims in case[1]]
        (expected,) = execute(model, inputs).values()
        for library in libraries:
            np.testing.assert_array_equal(computed(model, inputs, library), expected, library.name)


def test_padding_may_count_in_an_average(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(2)
    operator = AveragePooling1D(kernel_dims=(3,), padding=(1, 2), count_include_pad=True)
    model = model_of(operator, [(1, 10, 3)], None, False, Rule.ONNX, rng)
    x = int8_tensor(rng, 1, 10, 3)
    (expected,) = execute(model, [x]).values()
    for library in libraries:
        np.testing.assert_array_equal(computed(model, [x], library), expected, library.name)


def test_only_one_image_or_sequence() -> None:
    """The rows of a batch are no rows of one image."""
    rng = np.random.default_rng(3)
    for operator, dims in ((MaxPooling1D(kernel_dims=(2,)), (2, 5, 3)), (Pad2D(padding=(1, 1, 1, 1)), (2, 5, 5, 3))):
        node = export_node(model_of(operator, [dims], None, True, Rule.ONNX, rng).graph, 0)
        ((spec, _),) = GENERIC.candidates(node.type)
        wanted = "x".join(["1"] + ["?"] * (len(dims) - 1))
        reason = f"input 0 has dims {'x'.join(map(str, dims))}, not {wanted}"
        found = spec.mismatches((node.input(0).tensor,), (node.output.tensor,))
        assert str(found[0]) == reason
