# SPDX-License-Identifier: Apache-2.0
"""The order that the rules of float32 state is the kernels' own: an output row that may lie over an input row loses nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernel_cases import GENERIC, row_operands, rule_of, structure
from kernel_headers import structure_of
from kernel_library import KernelLibrary
from plain_cases import plain_model, random_floats
from test_kernel_order import may_lie

from sconnx.export.access import Window
from sconnx.export.node import export_node
from sconnx.graph.operator import (
    Activation,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv2D,
    Dims,
    Hardmax,
    L2Normalization,
    LayerNormalization,
    LocalResponseNormalization,
    LogSoftmax,
    LpPooling2D,
    MaxPooling2D,
    Operator,
    Softmax,
)

LINE = {"kernel_dims": (3, 3), "padding": (1, 1, 1, 1)}
CASES: list[tuple[Operator, Dims, Dims | None]] = [
    (Conv2D(**LINE), (1, 5, 7, 3), (6, 3, 3, 3)),
    (Conv2D(kernel_dims=(1, 1), stride_dims=(1, 2)), (1, 3, 9, 8), (5, 1, 1, 8)),
    (Conv2D(kernel_dims=(2, 3), dilation_dims=(1, 2), groups=2), (1, 3, 9, 6), (10, 2, 3, 3)),
    (Conv1D(kernel_dims=(3,), stride_dims=(2,), padding=(2, 1)), (1, 11, 3), (5, 3, 3)),
    (DepthwiseConv2D(**LINE), (1, 5, 8, 6), (3, 3, 6)),
    (DepthwiseConv2D(kernel_dims=(2, 2), stride_dims=(1, 2)), (1, 4, 9, 5), (2, 2, 5)),
    (DepthwiseConv2D(kernel_dims=(2, 2), channel_multiplier=3), (1, 4, 6, 2), (2, 2, 6)),
    (AveragePooling2D(**LINE), (1, 5, 6, 5), None),
    (MaxPooling2D(kernel_dims=(2, 2), stride_dims=(2, 2), activation=Activation.RELU), (1, 4, 8, 5), None),
    (LpPooling2D(kernel_dims=(2, 3)), (1, 4, 8, 3), None),
    (Softmax(), (1, 3, 4, 5), None),
    (Softmax(), (1, 3, 1, 5), None),
    (LogSoftmax(), (1, 3, 4, 5), None),
    (Hardmax(), (1, 3, 4, 5), None),
    (L2Normalization(), (1, 3, 4, 5), None),
    (LayerNormalization(), (1, 3, 4, 5), None),
    (LocalResponseNormalization(before=1, after=1, alpha=0.1, beta=0.7, bias=1.0), (1, 3, 4, 5), None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case[0]).__name__)
def test_an_output_row_may_lie_over_an_input_row(
    libraries: tuple[KernelLibrary, ...], case: tuple[Operator, Dims, Dims | None]
) -> None:
    operator, dims, weights = case
    rng = np.random.default_rng(4)
    inputs: list[Any] = [dims] if weights is None else [dims, random_floats(rng, *weights)]
    model = plain_model(operator, inputs)
    node = export_node(model.graph, 0)
    rule = rule_of(node, GENERIC)
    access = rule.access(node)
    assert isinstance(access, Window) and access.columns is not None
    kernel, size_bytes = rule.kernel(node).removeprefix("sx_"), node.output.row_bytes
    x = random_floats(rng, *dims).view(np.int8)
    rows = row_operands(access, node, [x], node.output.height // 2)
    shifts = [
        shift
        for shift in range(4 - size_bytes, node.input(0).row_bytes, 4)
        if may_lie(access.columns, node.input(0), node.output, shift)
    ]
    assert shifts or node.output.width <= access.columns.block
    for library in libraries:
        parameters = structure(structure_of(rule.params_type), rule.pack(node, model.params))
        expected = library.run(kernel, parameters, rows, (size_bytes,))
        for over in (position for position, row in enumerate(rows) if row is not None):
            for shift in shifts:
                actual = library.run_over(kernel, parameters, rows, over, shift, size_bytes, 0)
                np.testing.assert_array_equal(actual, expected, f"{library.name}, {shift} bytes behind row {over}")


@pytest.mark.parametrize("operator", [Softmax(), LogSoftmax(), Hardmax(), L2Normalization(), LayerNormalization()])
def test_elementwise_kernels_run_in_place(libraries: tuple[KernelLibrary, ...], operator: Operator) -> None:
    model = plain_model(operator, [(4, 7)])
    node = export_node(model.graph, 0)
    rule = rule_of(node, GENERIC)
    kernel, x = rule.kernel(node).removeprefix("sx_"), random_floats(np.random.default_rng(5), 4, 7).view(np.int8)
    for library in libraries:
        parameters = structure(structure_of(rule.params_type), rule.pack(node, model.params))
        expected = library.run(kernel, parameters, [x], (x.size,))
        for shift in range(-x.size, 4, 4):
            actual = library.run_over(kernel, parameters, [x], 0, shift, x.size, 0)
            np.testing.assert_array_equal(actual, expected, f"{library.name}, {shift} bytes behind the input")
