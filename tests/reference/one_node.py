# SPDX-License-Identifier: Apache-2.0
"""One node of float32 in ONNX Runtime and in the plain reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from sconnx.graph.model import ModelBuilder
from sconnx.graph.operator import Operator
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

Values = NDArray[Any]


def by_onnxruntime(
    name: str, inputs: Sequence[Values | None], outputs: int = 1, opset: int = 22, **attributes: Any
) -> list[Values]:
    """What ONNX Runtime makes of a node; its graph optimisations are off."""
    names = ["" if value is None else f"x{position}" for position, value in enumerate(inputs)]
    results = [f"y{number}" for number in range(outputs)]
    node = helper.make_node(name, names, results, **attributes)
    constants = [
        numpy_helper.from_array(value, names[position]) for position, value in enumerate(inputs) if value is not None
    ]
    infos = [helper.make_empty_tensor_value_info(result) for result in results]
    graph = helper.make_graph([node], "one", [], infos, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [np.asarray(value) for value in session.run(None, {})]


def by_reference(operator: Operator, inputs: Sequence[Values | None], outputs: int = 1) -> list[Values]:
    """What the plain reference makes of an operator."""
    builder = ModelBuilder("one", Rule.ONNX)
    operands = tuple(
        None if value is None else builder.add_input(f"x{position}", DType.FLOAT32, value.shape, None)
        for position, value in enumerate(inputs)
    )
    made = builder.add_node_of_many(
        operator,
        operands,
        name="n",
        source_index=0,
        output_names=tuple(f"y{number}" for number in range(outputs)),
        dtype=DType.FLOAT32,
    )
    model = builder.build(list(made))
    values = execute(model, [value for value in inputs if value is not None])
    return [values[index] for index in model.graph.outputs]


def channels_first(values: Values) -> Values:
    return np.ascontiguousarray(np.moveaxis(values, -1, 1))


def channels_last(values: Values) -> Values:
    return np.ascontiguousarray(np.moveaxis(values, 1, -1))


def close(actual: Sequence[Values], expected: Sequence[Values]) -> None:
    """Equal but for what float32 sums round."""
    for one, other in zip(actual, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
