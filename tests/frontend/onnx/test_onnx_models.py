# SPDX-License-Identifier: Apache-2.0
"""The MLPerf Tiny models in QDQ form become the same graphs as their TFLite twins; pulsevad gives its golden outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from test_onnx_cases import outputs_of

from sconnx.frontend.onnx.importer import read_onnx
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.model import Model
from sconnx.passes.fold_transpose import fold_transpose
from sconnx.reference.quantize import dequantize
from sconnx.reference.rule import Rule

MODELS = Path(__file__).resolve().parents[4] / "shared" / "models"
MACS = {
    "pretrainedResnet_quant": 12_501_632,
    "kws_ref_model": 2_656_768,
    "vww_96_int8": 7_489_664,
    "ad01_int8": 264_192,
}
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
shared = pytest.mark.skipif(not MODELS.exists(), reason="the shared model folder is absent")


def shapes(model: Model) -> list[tuple[str, tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]]:
    """Operator, dims of the inputs, dims of the outputs; parallel branches may come in any order."""
    graph = model.graph
    return sorted((node.type, graph.dims(node.reads), graph.dims(node.outputs)) for node in graph.nodes)


@shared
@pytest.mark.parametrize("name", MACS)
def test_same_as_tflite(name: str) -> None:
    model = read_onnx(MODELS / "mlperf_tiny_onnx_qdq" / f"{name}.qdq.onnx", name)
    twin = read_tflite(MODELS / "mlperf_tiny" / f"{name}.tflite", name)
    graph = model.graph
    assert graph.rule is Rule.ONNX
    assert shapes(model) == shapes(twin)
    assert [node.type for node in graph.nodes] == [node.type for node in twin.graph.nodes]
    assert sum(map(graph.macs, graph.nodes)) == MACS[name]
    assert all(node.type != "Transpose" for node in graph.nodes)
    assert fold_transpose(model).graph == graph
    for ends, twins in ((graph.inputs, twin.graph.inputs), (graph.outputs, twin.graph.outputs)):
        assert graph.dims(ends) == twin.graph.dims(twins)
        assert all(graph.tensors[index].source_axes == () for index in ends)


@shared
@pytest.mark.parametrize("name", MACS)
def test_same_weights_as_tflite(name: str) -> None:
    """Constants agree up to the order of layers: weights and biases are stored identically."""
    model = read_onnx(MODELS / "mlperf_tiny_onnx_qdq" / f"{name}.qdq.onnx", name)
    twin = read_tflite(MODELS / "mlperf_tiny" / f"{name}.tflite", name)

    def values(model: Model) -> list[tuple[tuple[int, ...], str, bytes]]:
        read = {index for node in model.graph.nodes for index in node.reads} & set(model.graph.constants)
        arrays = [model.params.value[index] for index in read]
        return sorted((array.shape, str(array.dtype), array.tobytes()) for array in arrays)

    assert values(model) == values(twin)


@shared
@pytest.mark.parametrize("name", ["pulsevad_2.1k", "pulsevad_2.1k_int8"])
def test_golden_outputs_of_pulsevad(name: str) -> None:
    """Float32 within the tolerance of onnx's own tests, int8 bit for bit."""
    path = MODELS / "pulsevad" / f"{name}.onnx"
    model = read_onnx(path, "pulsevad")
    graph = model.graph
    (output,) = graph.outputs
    with np.load(path.with_name(f"{path.name}.golden.npz")) as golden:
        for place in range(3):
            result = outputs_of(model, {"log_mel": golden[f"in{place}_log_mel"]})["logits"]
            expected = golden[f"ort_none_out{place}_logits"]
            if graph.tensors[output].quantization is None:
                np.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-7)
            else:
                scale, point = float(model.params.scale[output][0]), int(model.params.zero_point[output][0])
                np.testing.assert_array_equal(dequantize(result, scale, point), expected)


@pytest.mark.parametrize(
    ("name", "macs", "left"),
    [
        ("light_squeezenet", 349_151_936, set()),
        ("light_inception_v2", 2_018_851_840, set()),
        ("light_shufflenet", 124_664_528, {"Transpose", "Add", "DepthwiseConv2D"}),
        ("light_densenet121", 2_834_161_664, {"Mul", "Add"}),
    ],
)
def test_networks_of_opset_9(name: str, macs: int, left: set[str]) -> None:
    """Constant arithmetic is folded, normalisations and scales by channel are the convolutions' where one is before them."""
    graph = read_onnx(LIGHT / f"{name}.onnx", "net").graph
    usual = {"Conv2D", "Relu", "MaxPooling2D", "AveragePooling2D", "Concat", "Reshape", "FullyConnected", "Softmax"}
    assert {node.type for node in graph.nodes} - usual == left
    assert sum(map(graph.macs, graph.nodes)) == macs
