# SPDX-License-Identifier: Apache-2.0
"""Nodes for lib `cmsis_nn`, one at a time, and what its rules say of them."""

from __future__ import annotations

import functools
import tomllib
from typing import Any

import numpy as np

from sconnx.export.library import ExportLib, load_libs
from sconnx.export.node import ExportNode, export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import (
    Add,
    AveragePooling2D,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling2D,
    Operator,
    Softmax,
)
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule
from tests.export.random_firmware import RULES

DSP, PLAIN = frozenset({"dsp", "mul64"}), frozenset({"mul64"})
"""Features of two CPUs."""
QUANT = QuantValues.of(0.5, -3)


def listed_sources() -> list[str]:
    sources: list[str] = tomllib.loads((RULES / "cmsis_nn/lib.toml").read_text())["sources"]
    return sources


def one_node(
    operator: Operator, *inputs: tuple[int, ...], rule: Rule = Rule.TFLITE, bias: int = 0, weights_zero_point: int = 0
) -> ExportNode:
    """A node whose first input is computed and whose further ones, of convolutions and FullyConnected, are constants."""
    builder = ModelBuilder("one", rule)
    tensors = [builder.add_input("x", DType.INT8, inputs[0], QUANT)]
    for dims in inputs[1:]:
        if isinstance(operator, Add):
            tensors.append(builder.add_input("y", DType.INT8, dims, QUANT))
        else:
            quantization = QuantValues.of(0.25, weights_zero_point)
            tensors.append(builder.add_constant("w", np.zeros(dims, np.int8), quantization))
    if bias:
        tensors.append(builder.add_constant("b", np.zeros(bias, np.int32)))
    output = builder.add_node(operator, tuple(tensors), name="n", source_index=0, output_name="out", quantization=QUANT)
    return export_node(builder.build([output]).graph, 0)


def of_each_operator(rule: Rule = Rule.TFLITE) -> list[ExportNode]:
    return [
        one_node(Conv2D(kernel_dims=(3, 3)), (1, 8, 8, 2), (4, 3, 3, 2), rule=rule),
        one_node(DepthwiseConv2D(kernel_dims=(3, 3)), (1, 8, 8, 2), (3, 3, 2), rule=rule),
        one_node(FullyConnected(), (1, 8), (4, 8), rule=rule),
        one_node(AveragePooling2D(kernel_dims=(2, 2)), (1, 8, 8, 2), rule=rule),
        one_node(MaxPooling2D(kernel_dims=(2, 2)), (1, 8, 8, 2), rule=rule),
        one_node(Add(), (1, 8), (1, 8), rule=rule),
        one_node(Softmax(), (1, 8), rule=rule),
    ]


@functools.cache
def lib() -> ExportLib:
    return load_libs((RULES,))["cmsis_nn"]


def chosen(node: ExportNode, features: frozenset[str] = PLAIN) -> Any:
    """The implementation of lib cmsis_nn that takes the node."""
    found = verdicts(node, [lib()], features)
    fit = first_fit(found)
    assert fit is not None, "; ".join(map(str, found))
    return fit.implementation


def reason(node: ExportNode) -> str:
    """Why the lib's rule for cores without DSP does not take the node."""
    return verdicts(node, [lib()], PLAIN)[-1].reason
