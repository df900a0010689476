# SPDX-License-Identifier: Apache-2.0
"""Process that runs the models of onnx_cases in ONNX Runtime: run_onnxruntime.py DIRECTORY [SEED].

Graph optimisations are off. Writes outputs.npz, one array per model, OPERATOR_INDEX, NHWC.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx_cases import COMPARISONS, OPERATORS, Case, Tensor, cases

IMAGE = ("Conv", "AveragePool", "GlobalAveragePool", "MaxPool", "Pad")


def channels_first(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(np.moveaxis(values, -1, 1))


class Builder:
    """Collects the nodes and initializers of one model."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def dequantize(self, name: str, tensor: Tensor, dtype: type, axis: int) -> str:
        scale = self.constant(f"{name}_scale", tensor.scale)
        zero = self.constant(f"{name}_zero", tensor.zero_point.astype(dtype))
        node = helper.make_node("DequantizeLinear", [name, scale, zero], [f"{name}_real"], axis=axis)
        self.nodes.append(node)
        return f"{name}_real"


def build(case: Case, inputs: list[NDArray[np.int8]]) -> ModelProto:
    builder = Builder()
    reals = [builder.dequantize(f"x{i}", tensor, np.int8, 0) for i, tensor in enumerate(case.inputs)]
    for i, tensor in enumerate(case.constants):
        values, axis = tensor.values, 0
        if values.ndim == 4:
            values = channels_first(values)
        if case.operator == "MatMul":
            values, axis = values.T, 1
        name = builder.constant(f"c{i}", values)
        reals.append(builder.dequantize(name, tensor, values.dtype.type, axis))
    attributes = dict(case.attributes)
    if case.operator == "Gemm":
        attributes["transB"] = 1
    if case.operator == "Clip":
        reals += [
            builder.constant("low", np.array(0, np.float32)),
            builder.constant("high", np.array(6, np.float32)),
        ]
    if "axes" in attributes:
        reals.append(builder.constant("axes", np.array(attributes.pop("axes"), np.int64)))
    if case.operator == "Pad":
        top, left, bottom, right = attributes.pop("pads")
        reals.append(builder.constant("pads", np.array([0, 0, top, left, 0, 0, bottom, right])))
    builder.nodes.append(helper.make_node(case.operator, reals, ["y_real"], **attributes))
    if case.relu:
        builder.nodes.append(helper.make_node("Relu", ["y_real"], ["y_relu"]))
    scale = builder.constant("y_scale", case.output.scale)
    zero = builder.constant("y_zero", case.output.zero_point)
    source = "y_relu" if case.relu else "y_real"
    compares = case.operator in COMPARISONS
    if compares:
        builder.nodes[-1].output[0] = "y"
    else:
        builder.nodes.append(helper.make_node("QuantizeLinear", [source, scale, zero], ["y"]))
    graph = helper.make_graph(
        builder.nodes,
        "single",
        [helper.make_tensor_value_info(f"x{i}", TensorProto.INT8, x.shape) for i, x in enumerate(inputs)],
        [helper.make_tensor_value_info("y", TensorProto.BOOL if compares else TensorProto.INT8, None)],
        builder.initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)


def run(case: Case, options: onnxruntime.SessionOptions) -> NDArray[np.int8]:
    image = case.operator in IMAGE
    inputs = [channels_first(t.values) if image else t.values for t in case.inputs]
    model = build(case, inputs).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    output: NDArray[np.int8] = session.run(["y"], {f"x{i}": x for i, x in enumerate(inputs)})[0]
    return np.moveaxis(output, 1, -1) if image else output


def main(directory: Path, seed: int) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    outputs: dict[str, Any] = {
        f"{operator}_{index}": run(case, options)
        for operator in OPERATORS
        for index, case in enumerate(cases(operator, seed))
    }
    np.savez(directory / "outputs.npz", **outputs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
