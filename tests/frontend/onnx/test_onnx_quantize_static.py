# SPDX-License-Identifier: Apache-2.0
"""What ONNX Runtime's quantiser makes of a net, in every format and type, is int8 here and equal bit for bit."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from qdq_model import run_onnxruntime
from test_onnx_cases import outputs_of

from sconnx.frontend.onnx.importer import read_onnx
from sconnx.reference.quantize import dequantize

QUANTIZE = Path(__file__).parent / "quantize_net.py"
NAMES = [
    "_".join(parts)
    for parts in itertools.product(
        ("QDQ", "QOperator"),
        ("QInt8_QInt8", "QUInt8_QInt8", "QUInt8_QUInt8"),
        ("channels", "tensor"),
        ("symmetric", "asymmetric"),
    )
]
HEAD = (
    "Add", "MaxPooling2D", "AveragePooling2D", "Reshape", "FullyConnected", "Sigmoid", "FullyConnected", "Add", "LeakyRelu",
    "Mul", "Concat", "Softmax",
)  # fmt: skip
ASYMMETRIC = ("Conv2D", "DepthwiseConv2D", "Conv2D", *HEAD)
SYMMETRIC = ("Conv2D", "Relu", "DepthwiseConv2D", "Relu6", "Conv2D", *HEAD)
WITH_ZERO_POINTS = "QOperator_QUInt8_QUInt8_channels"
"""The quantiser gives the matrices of this one a zero point for each channel, which only float32 can have."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("quantized")
    subprocess.run([sys.executable, "-W", "ignore", str(QUANTIZE), str(folder)], check=True, capture_output=True)
    run_onnxruntime(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_net(name: str, folder: Path) -> None:
    model = read_onnx(folder / f"{name}.onnx", "net")
    graph = model.graph
    # Whether parts of the concatenation have its scale is for the quantiser to say.
    operators = tuple(node.type for node in graph.nodes if node.type != "Requantize")
    if name.startswith(WITH_ZERO_POINTS):
        operators = tuple(operator for operator in operators if operator not in ("Quantize", "Dequantize"))
    assert operators == (ASYMMETRIC if name.endswith("_asymmetric") else SYMMETRIC)
    (output,) = graph.outputs
    scale, point = float(model.params.scale[output][0]), int(model.params.zero_point[output][0])
    with np.load(folder / f"{name}.npz") as inputs, np.load(folder / f"{name}.out.npz") as expected:
        for x, y in zip(inputs["x"], expected["y"], strict=True):
            result = outputs_of(model, {"x": x[np.newaxis]})["y"]
            np.testing.assert_array_equal(dequantize(result, scale, point)[0], y)
