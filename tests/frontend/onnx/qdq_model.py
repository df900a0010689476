# SPDX-License-Identifier: Apache-2.0
"""Small QDQ models, written node by node with onnx.helper."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

INT8, UINT8, FLOAT, BOOL = TensorProto.INT8, TensorProto.UINT8, TensorProto.FLOAT, TensorProto.BOOL
RUN = Path(__file__).parent / "run_onnx.py"


class QdqModel:
    """Nodes, initializers and boundary of a model; each method returns the name of the tensor it defines."""

    def __init__(self, opset: int = 17, seed: int = 0) -> None:
        self.opset = opset
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.count = 0
        self.weights_scale: Any = 1.0

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def input(self, name: str, dims: Any, dtype: int = FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, dims))
        return name

    def output(self, name: str, dtype: int = FLOAT) -> str:
        self.outputs.append(helper.make_tensor_value_info(name, dtype, None))
        return name

    def constant(self, values: ArrayLike, dtype: Any = None, name: str | None = None) -> str:
        name = name or self.fresh("c")
        self.initializers.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def node(self, operator: str, *inputs: str, name: str = "", output: str = "", **attributes: Any) -> str:
        output = output or self.fresh(operator.lower())
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=name, **attributes))
        return output

    def split(self, x: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """Split into `count` parts."""
        outputs = [self.fresh("split") for _ in range(count)]
        self.nodes.append(helper.make_node("Split", [x, *inputs], outputs, **attributes))
        return outputs

    def q(self, x: str, scale: ArrayLike = 0.1, zero: ArrayLike = 0, output: str = "", **attributes: Any) -> str:
        names = (self.constant(scale, np.float32), self.constant(zero, np.int8))
        return self.node("QuantizeLinear", x, *names, output=output, **attributes)

    def dq(self, x: str, scale: ArrayLike = 0.1, zero: ArrayLike = 0, dtype: Any = np.int8, **attributes: Any) -> str:
        names = (self.constant(scale, np.float32), self.constant(zero, dtype))
        return self.node("DequantizeLinear", x, *names, **attributes)

    def qdq(self, x: str, scale: ArrayLike = 0.1, zero: ArrayLike = 0) -> str:
        """QuantizeLinear and DequantizeLinear of an activation."""
        return self.dq(self.q(x, scale, zero), scale, zero)

    def weights(self, *dims: int, axis: int | None = 0) -> str:
        """Random int8 weights behind a DequantizeLinear, per index of an axis or as a whole."""
        values = self.constant(self.random.integers(-127, 128, dims), np.int8)
        if axis is None:
            self.weights_scale = np.float32(0.010307)
            return self.dq(values, self.weights_scale)
        self.weights_scale = self.random.uniform(0.005, 0.02, dims[axis]).astype(np.float32)
        return self.dq(values, self.weights_scale, np.zeros(dims[axis]), axis=axis)

    def bias(self, channels: int, input_scale: float = 0.05) -> str:
        """A float bias without quantisation, of multiples of the scale of the products with the last weights.

        Other values would be rounded, and the results be others than those of float arithmetic.
        """
        unit = np.float32(input_scale) * self.weights_scale
        return self.constant(self.random.integers(-3000, 3000, channels) * unit, np.float32)

    def proto(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "test", self.inputs, self.outputs, self.initializers)
        opsets = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def save(self, folder: Path) -> Path:
        path = folder / "model.onnx"
        path.write_bytes(self.proto().SerializeToString())
        return path


def run_onnxruntime(folder: Path) -> None:
    """Run the models in a folder, in a process of its own (see run_onnx.py)."""
    subprocess.run([sys.executable, str(RUN), str(folder)], check=True)
