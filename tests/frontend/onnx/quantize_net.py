# SPDX-License-Identifier: Apache-2.0
"""Process that quantises a small net with ONNX Runtime in all its formats and types: quantize_net.py FOLDER.

Each becomes <format>_<activations>_<weights>_<scales>_<zero points>.onnx, with its inputs in an .npz of the same name.
"""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

SAMPLES = 4
TYPES = (
    (QuantType.QInt8, QuantType.QInt8),
    (QuantType.QUInt8, QuantType.QInt8),
    (QuantType.QUInt8, QuantType.QUInt8),
)


def net(random: np.random.Generator) -> onnx.ModelProto:
    """A residual network and a small dense head."""
    dims = {"w1": (8, 3, 3, 3), "w2": (8, 1, 3, 3), "w3": (8, 8, 1, 1), "w4": (8, 5), "w5": (5, 6)}
    dims |= {"b1": (8,), "b2": (8,), "b3": (8,), "b4": (5,), "b5": (6,)}
    values = {name: random.normal(0, 0.4, shape).astype(np.float32) for name, shape in dims.items()}
    values |= {"low": np.array(0, np.float32), "high": np.array(6, np.float32)}
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["conv1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv1"], ["relu1"]),
        helper.make_node("Conv", ["relu1", "w2", "b2"], ["conv2"], pads=[1, 1, 1, 1], group=8),
        helper.make_node("Clip", ["conv2", "low", "high"], ["relu2"]),
        helper.make_node("Conv", ["relu2", "w3", "b3"], ["conv3"]),
        helper.make_node("Add", ["conv3", "relu1"], ["sum"]),
        helper.make_node("MaxPool", ["sum"], ["pool"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["pool"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w4", "b4"], ["dense1"]),
        helper.make_node("Sigmoid", ["dense1"], ["sigmoid"]),
        helper.make_node("MatMul", ["sigmoid", "w5"], ["product"]),
        helper.make_node("Add", ["product", "b5"], ["dense2"]),
        helper.make_node("LeakyRelu", ["dense2"], ["leaky"], alpha=0.1),
        helper.make_node("Mul", ["leaky", "dense2"], ["square"]),
        helper.make_node("Concat", ["square", "leaky"], ["both"], axis=1),
        helper.make_node("Softmax", ["both"], ["y"], axis=1),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 12])
    constants = [numpy_helper.from_array(value, name) for name, value in values.items()]
    graph = helper.make_graph(nodes, "net", [x], [y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class Samples(CalibrationDataReader):
    """What the ranges are measured with."""

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.rest: Iterator[dict[str, Any]] = iter([{"x": sample[np.newaxis]} for sample in samples])

    def get_next(self) -> dict[str, Any] | None:
        return next(self.rest, None)


def main(folder: Path) -> None:
    logging.disable(logging.WARNING)
    random = np.random.default_rng(1)
    source = folder / "float.source"
    source.write_bytes(net(random).SerializeToString())
    calibration = random.normal(0, 1, (SAMPLES, 3, 8, 8)).astype(np.float32)
    formats = (QuantFormat.QDQ, QuantFormat.QOperator)
    for form, types, per_channel, symmetric in itertools.product(formats, TYPES, (False, True), (False, True)):
        scales, points = ("channels" if per_channel else "tensor"), ("symmetric" if symmetric else "asymmetric")
        path = folder / f"{form.name}_{types[0].name}_{types[1].name}_{scales}_{points}.onnx"
        quantize_static(
            source,
            path,
            Samples(calibration),
            quant_format=form,
            activation_type=types[0],
            weight_type=types[1],
            per_channel=per_channel,
            extra_options={"ActivationSymmetric": symmetric},
        )
        np.savez(path.with_suffix(".npz"), x=random.normal(0, 1.2, (SAMPLES, 3, 8, 8)).astype(np.float32))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
