# SPDX-License-Identifier: Apache-2.0
"""Models of one node for each rule of the lib `generic`, and what that rule makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import kernel_structures as structures
import numpy as np
from kernel_library import ROOT
from kernel_strategies import int8_tensor
from numpy.typing import NDArray

from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Window
from sconnx.export.library import ExportLib, Implementation, load_libs
from sconnx.export.node import ExportNode
from sconnx.export.selection import first_fit, verdicts
from sconnx.graph.model import Model, ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling1D,
    AveragePooling2D,
    Concat,
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
    Relu6,
    Requantize,
    Sigmoid,
    Softmax,
    Sub,
)
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

LIBS = load_libs((ROOT / "export_rules",))
GENERIC, ARM_DSP, MVE = LIBS["generic"], LIBS["arm_dsp"], LIBS["arm_mve"]
FEATURES = {"arm_dsp": frozenset({"dsp", "unaligned"}), "arm_mve": frozenset({"mve", "mve_fp"})}
"""What the libs need of a core."""
STRUCTURES: dict[str, type[structures.Structure]] = {
    "sx_conv2d_s8": structures.Conv2D,
    "sx_conv2d_packed_s8": structures.Conv2DPacked,
    "sx_depthwise_conv2d_s8": structures.DepthwiseConv2D,
    "sx_depthwise_conv2d_s8_dsp": structures.DepthwiseConv2DDsp,
    "sx_depthwise_conv2d_3x3_s8_dsp": structures.DepthwiseConv2D3x3Dsp,
    "sx_fully_connected_s8": structures.FullyConnected,
    "sx_fully_connected_packed_s8": structures.FullyConnectedPacked,
    "sx_average_pooling2d_s8": structures.AveragePooling2D,
    "sx_max_pooling2d_s8": structures.MaxPooling2D,
    "sx_add_s8": structures.Add,
    "sx_sub_s8": structures.Add,
    "sx_mul_s8": structures.Add,
    "sx_pad2d_s8": structures.Pad2D,
    "sx_concat_s8": structures.Concat,
    "sx_split_s8": structures.Split,
    "sx_lookup_s8": structures.Lookup,
    "sx_softmax_s8": structures.Softmax,
    "sx_conv2d_s8_mve": structures.Conv2DMve,
    "sx_pointwise_s8_mve": structures.PointwiseMve,
    "sx_depthwise_conv2d_s8_mve": structures.DepthwiseConv2DMve,
}
X = QuantValues.of(0.05, -6)
RELU = Activation.RELU

# An operator, the dims of its inputs and of its weights, and whether the output has the quantisation of input 0.
Case = tuple[Operator, list[Dims], Dims | None, bool]
CASES: list[Case] = [
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
    (AveragePooling2D(kernel_dims=(6, 5)), [(1, 6, 5, 3)], None, True),
    (AveragePooling2D(kernel_dims=(9, 3), stride_dims=(4, 2), padding=(0, 1, 0, 2)), [(1, 9, 6, 3)], None, True),
    (AveragePooling2D(kernel_dims=(2, 2)), [(1, 2, 2, 3)], None, True),
    (MaxPooling2D(kernel_dims=(3, 6), activation=RELU), [(1, 3, 6, 2)], None, True),
    (MaxPooling2D(kernel_dims=(4, 2), dilation_dims=(1, 3), padding=(0, 2, 0, 1)), [(1, 4, 6, 2)], None, True),
    (Pad2D(padding=(2, 1, 0, 3)), [(1, 4, 5, 3)], None, True),
    (Pad2D(padding=(0, 0, 0, 0)), [(1, 4, 5, 3)], None, True),
    (Add(activation=RELU), [(1, 4, 300), (1, 4, 300)], None, False),
    (Sub(), [(1, 4, 300), (1, 4, 300)], None, False),
    (Mul(activation=Activation.RELU6), [(1, 4, 300), (1, 4, 300)], None, False),
    (Add(activation=RELU), [(1, 4, 5, 3), (1, 4, 5, 3)], None, False),
    (Sub(), [(1, 4, 1, 3), (1, 4, 1, 3)], None, False),
    (Mul(), [(1, 4, 3, 1), (1, 4, 3, 1)], None, False),
    (Relu6(), [(1, 3, 2, 7)], None, False),
    (Requantize(), [(2, 3, 2, 7)], None, False),
    (Sigmoid(), [(1, 3, 1, 1)], None, False),
    (Concat(axis=3), [(1, 4, 3, 5), (1, 4, 3, 1), (1, 4, 3, 2)], None, True),
    (Concat(axis=2), [(1, 4, 3, 5), (1, 4, 1, 5)], None, True),
    (Concat(axis=1), [(1, 4, 3, 5), (1, 1, 3, 5)], None, True),
    (Concat(axis=2), [(2, 4, 3, 5), (2, 4, 1, 5), (2, 4, 2, 5)], None, True),
    (Concat(axis=1), [(3, 2), (3, 7), (3, 1)], None, True),
    (Concat(axis=0), [(9,)], None, True),
    (Softmax(), [(1, 4, 3, 5)], None, False),
    (Softmax(), [(1, 4, 1, 5)], None, False),
    (Softmax(), [(4, 1, 3, 5)], None, False),
    (Softmax(), [(1, 4, 3, 500)], None, False),
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
    if isinstance(operator, Sigmoid | Softmax):
        quant = QuantValues.of(1 / 256, -128)
    output = builder.add_node(operator, tuple(operands), name="n", source_index=0, output_name="y", quantization=quant)
    return builder.build([output])


def structure(cls: type[structures.Structure], fields: Mapping[str, CValue]) -> structures.Structure:
    """The C structure of what a rule has packed."""

    classes = {field[0]: field[1] for field in cls._fields_}

    def plain(name: str, value: CValue) -> Any:
        if isinstance(value, Array):
            return np.ascontiguousarray(value.values) if value.values.size else None
        return structure(classes[name], value) if isinstance(value, Mapping) else value

    return cls(**{name: plain(name, value) for name, value in fields.items()})


def fitting(node: ExportNode, lib: ExportLib) -> Implementation | None:
    """The rule that the node gets from a lib, if any."""
    fit = first_fit(verdicts(node, [lib], FEATURES.get(lib.name, frozenset())))
    return None if fit is None else fit.implementation


def rule_of(node: ExportNode, *libs: ExportLib) -> Implementation:
    """The rule that the node gets from the first lib that takes it; no lib is `generic`."""
    return next(rule for lib in libs or (GENERIC,) if (rule := fitting(node, lib)) is not None)


def row_operands(
    access: Window, node: ExportNode, operands: Sequence[NDArray[np.int8]], y: int
) -> list[NDArray[np.int8] | None]:
    """What a row kernel gets for output row y."""
    height = node.input(0).height
    first, *others = (operand.reshape(height, -1) for operand in operands)
    numbers = [y * access.stride - access.pad + i * access.dilation for i in range(access.kernel)]
    window = [first[number] if 0 <= number < height else None for number in numbers]
    return [*window, *(other[y] for other in others)]
