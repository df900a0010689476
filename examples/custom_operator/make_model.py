# SPDX-License-Identifier: Apache-2.0
"""Write model.onnx: TimeDelta -> Flatten -> Gemm in int8 QDQ form, with seeded random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES, CHANNELS, CLASSES = 12, 8, 4
DOMAIN = "example.audio"


class Writer:
    """Nodes and constants of the graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=f"make_{output}", **attributes))
        return output

    def dequantized(self, name: str, integers: str, scale: float, zero_point: np.ndarray | None = None) -> str:
        """The float32 view of an int8 tensor, or of an int32 bias without zero point."""
        inputs = [integers, self.constant(f"{name}_scale", np.float32(scale))]
        if zero_point is not None:
            inputs.append(self.constant(f"{name}_zero_point", zero_point))
        return self.node("DequantizeLinear", inputs, f"{name}_real")

    def quantized(self, name: str, real: str, scale: float, zero_point: int) -> str:
        """A float32 tensor through QuantizeLinear and DequantizeLinear."""
        point = np.int8(zero_point)
        inputs = [
            real,
            self.constant(f"{name}_q_scale", np.float32(scale)),
            self.constant(f"{name}_q_zero_point", point),
        ]
        return self.dequantized(name, self.node("QuantizeLinear", inputs, f"{name}_int8"), scale, point)


def model() -> onnx.ModelProto:
    random = np.random.default_rng(7)
    weights = random.integers(-127, 128, (CLASSES, FRAMES * CHANNELS)).astype(np.int8)
    bias = random.integers(-4000, 4000, CLASSES).astype(np.int32)
    w = Writer()
    frames = w.quantized("frames", "features", 1 / 64, -5)
    # Differences are twice as large as what they come from: half the resolution.
    delta = w.quantized("delta", w.node("TimeDelta", [frames], "delta_real_values", domain=DOMAIN), 1 / 32, 3)
    flat = w.node("Flatten", [delta], "flat", axis=1)
    weights_real = w.dequantized("weights", w.constant("weights", weights), 1 / 128, np.int8(0))
    bias_real = w.dequantized("bias", w.constant("bias", bias), 1 / (32 * 128))
    scores = w.node("Gemm", [flat, weights_real, bias_real], "scores_real_values", transB=1)
    w.nodes.append(helper.make_node("Identity", [w.quantized("scores", scores, 1 / 4, 0)], ["scores"], name="scores"))
    graph = helper.make_graph(
        w.nodes,
        "deltas",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, FRAMES, CHANNELS])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, CLASSES])],
        w.constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="make_model.py")


if __name__ == "__main__":
    Path(__file__).with_name("model.onnx").write_bytes(model().SerializeToString(deterministic=True))
