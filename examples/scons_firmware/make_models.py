# SPDX-License-Identifier: Apache-2.0
"""Write models/edges.onnx and src/images.h; models/digits.onnx is mnist.onnx, as `examples/mnist` of sconnx has it.

edges.onnx has no trained weights: four fixed edge filters, their mean over the image, and a threshold. int8 QDQ.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent
SIDE, PER_ROW = 28, 14
IMAGE_SCALE, EDGE_SCALE, SCORE_SCALE = 1 / 255, 1 / 64, 1 / 16
THRESHOLD = 0.05
"""Mean response of a filter, in units of a full step from dark to light."""

nodes: list[onnx.NodeProto] = []
constants: list[onnx.TensorProto] = []


def constant(name: str, value: np.ndarray | np.generic) -> str:
    constants.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def node(operator: str, inputs: list[str], output: str, **attributes: object) -> str:
    nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
    return output


def weights(name: str, value: np.ndarray, scale: float) -> str:
    """A constant as float32, kept as integers times `scale`."""
    dtype = np.int32 if value.ndim == 1 else np.int8
    integers = constant(f"{name}_integers", np.rint(value / scale).astype(dtype))
    return node("DequantizeLinear", [integers, constant(f"{name}_scale", np.float32(scale))], name)


def quantized(real: str, scale: float, zero_point: int, output: str = "") -> str:
    parameters = [constant(f"{real}_scale", np.float32(scale)), constant(f"{real}_zero_point", np.int8(zero_point))]
    integers = node("QuantizeLinear", [real, *parameters], f"{real}_integers")
    return node("DequantizeLinear", [integers, *parameters], output or f"{real}_rounded")


def edges() -> onnx.ModelProto:
    """Conv 5x5, stride 3 -> ReLU -> mean over the image -> two scores: nothing, something."""
    across = np.repeat([[-1, -1, 0, 1, 1]], 5, axis=0) / 10
    filters = np.stack([across, -across, across.T, -across.T])[:, None]
    image = quantized("image", IMAGE_SCALE, -128)
    inputs = [image, weights("filters", filters, 1 / 1270), weights("no_bias", np.zeros(4), IMAGE_SCALE / 1270)]
    found = node("Relu", [node("Conv", inputs, "filtered", strides=[3, 3], kernel_shape=[5, 5])], "found")
    mean = node("GlobalAveragePool", [quantized(found, EDGE_SCALE / 4, -128)], "mean")
    flat = node("Flatten", [quantized(mean, EDGE_SCALE / 16, -128)], "flat")
    # Both scores are the distance from the threshold, in either direction.
    gain = np.array([[-1.0] * 4, [1.0] * 4]) * 8
    offset = np.array([1.0, -1.0]) * 8 * 4 * THRESHOLD
    gains = [weights("gain", gain, 8 / 127), weights("offset", offset, EDGE_SCALE / 16 * 8 / 127)]
    quantized(node("Gemm", [flat, *gains], "distance", transB=1), SCORE_SCALE, 0, "scores")
    graph = helper.make_graph(
        nodes,
        "edges",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 2])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="make_models.py")


def images(heldout: Path) -> str:
    """Three images as the firmware's input, pixel - 128: nothing, and the first two digits of heldout.npz."""
    pixels = np.load(heldout)["images"][:2].astype(np.int16)
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */", "/* Written by make_models.py. */"]
    lines += ["#ifndef IMAGES_H", "#define IMAGES_H", "", "#include <stdint.h>", ""]
    lines += ["#define IMAGE_COUNT 3u", "", f"static const int8_t images[IMAGE_COUNT][{SIDE * SIDE}] = {{"]
    for image in (np.zeros_like(pixels[0]), *pixels):
        lines.append("    {")
        for row in (image.reshape(-1, PER_ROW) - 128).tolist():
            lines.append("        " + " ".join(f"{value}," for value in row))
        lines.append("    },")
    return "\n".join([*lines, "};", "", "#endif", ""])


if __name__ == "__main__":
    (FOLDER / "models/edges.onnx").write_bytes(edges().SerializeToString(deterministic=True))
    if len(sys.argv) > 1:
        (FOLDER / "src/images.h").write_text(images(Path(sys.argv[1])))
