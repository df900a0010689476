# SPDX-License-Identifier: Apache-2.0
"""Each pattern becomes the expected operators, which compute what ONNX Runtime computes, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from int8_cases import CASES as MORE_CASES
from numpy.typing import NDArray
from qdq_cases import CASES as FIRST_CASES
from qdq_model import QdqModel, run_onnxruntime

from sconnx.frontend.onnx.importer import read_onnx
from sconnx.graph.model import Model
from sconnx.passes.fold_pad import fold_pad
from sconnx.passes.fold_transpose import fold_transpose
from sconnx.passes.fuse_activation import fuse_activation
from sconnx.passes.remove_dead_channels import remove_dead_channels
from sconnx.reference.execute import execute
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.rule import Rule
from sconnx.steps.import_model import PASSES

CASES = {**FIRST_CASES, **MORE_CASES}


def random_input(info: onnx.ValueInfoProto, seed: int) -> NDArray[Any]:
    tensor = info.type.tensor_type
    dims = [max(1, dim.dim_value) for dim in tensor.shape.dim]
    random = np.random.default_rng(seed)
    if tensor.elem_type == onnx.TensorProto.INT8:
        return random.integers(-128, 128, dims).astype(np.int8)
    if tensor.elem_type == onnx.TensorProto.UINT8:
        return random.integers(0, 256, dims).astype(np.uint8)
    return random.normal(0, 3, dims).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case as NAME.onnx, its inputs, and the outputs of ONNX Runtime."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("cases")
    for name, case in CASES.items():
        model = QdqModel(case.opset, seed=len(name))
        case.fill(model)
        proto = model.proto()
        (folder / f"{name}.onnx").write_bytes(proto.SerializeToString())
        inputs: dict[str, Any] = {
            info.name: random_input(info, position) for position, info in enumerate(proto.graph.input)
        }
        np.savez(folder / f"{name}.npz", **inputs)
    run_onnxruntime(folder)
    return folder


def outputs_of(model: Model, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Outputs in ONNX order of dimensions; float32 values of int8 inputs are quantised as the model's first node does."""
    graph, params = model.graph, model.params
    given = []
    for index in graph.inputs:
        tensor, value = graph.tensors[index], inputs[graph.tensors[index].name]
        if value.dtype == np.float32 and index in params.scale:
            value = quantize(Rule.ONNX, value, float(params.scale[index][0]), int(params.zero_point[index][0]))
        given.append(value.transpose(tensor.source_axes) if tensor.source_axes else value)
    values = execute(model, given)
    results = {}
    for index in graph.outputs:
        tensor, value = graph.tensors[index], values[index]
        axes = tensor.source_axes
        results[tensor.name] = value.transpose(np.argsort(axes)) if axes else value
    return results


def check(model: Model, folder: Path, name: str) -> None:
    with np.load(folder / f"{name}.npz") as inputs, np.load(folder / f"{name}.out.npz") as expected:
        results = outputs_of(model, dict(inputs))
        assert list(results) == expected.files
        for index, output in zip(model.graph.outputs, expected.files, strict=True):
            result = results[output]
            if expected[output].dtype == np.float32:
                params = model.params
                result = dequantize(result, float(params.scale[index][0]), int(params.zero_point[index][0]))
            np.testing.assert_array_equal(result, expected[output])


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, folder: Path) -> None:
    model = read_onnx(folder / f"{name}.onnx", name)
    assert tuple(node.type for node in model.graph.nodes) == CASES[name].operators
    check(model, folder, name)


@pytest.mark.parametrize("name", CASES)
def test_case_after_the_passes(name: str, folder: Path) -> None:
    model = read_onnx(folder / f"{name}.onnx", name)
    for improve in (*PASSES, remove_dead_channels):
        model = improve(model)
    check(model, folder, name)


def test_relu_on_integers_is_fused(folder: Path) -> None:
    model = fuse_activation(read_onnx(folder / "conv_relu_on_integers.onnx", "net"))
    assert [node.type for node in model.graph.nodes] == ["Conv2D", "Conv2D"]


@pytest.mark.parametrize("name", ["pytorch_net", "pytorch_net_pooled_before_quantization"])
def test_flatten_before_gemm_moves_no_data(name: str, folder: Path) -> None:
    model = fold_transpose(read_onnx(folder / f"{name}.onnx", name))
    assert [node.type for node in model.graph.nodes] == [
        "Conv2D",
        "MaxPooling2D",
        "Reshape",
        "FullyConnected",
    ]


def test_a_padded_sequence_is_not_copied(folder: Path) -> None:
    model = fold_pad(read_onnx(folder / "pad_of_a_sequence.onnx", "net"))
    assert [node.type for node in model.graph.nodes] == ["Conv1D"]


def test_nchw_input_is_stored_nhwc(folder: Path) -> None:
    graph = read_onnx(folder / "pytorch_net.onnx", "net").graph
    tensor = graph.tensors[graph.inputs[0]]
    assert (tensor.name, tensor.dims, tensor.source_axes) == ("x", (1, 9, 8, 3), (0, 2, 3, 1))


def test_nchw_output_is_stored_nhwc(folder: Path) -> None:
    graph = read_onnx(folder / "conv_valid.onnx", "net").graph
    tensor = graph.tensors[graph.outputs[0]]
    assert (tensor.name, tensor.dims, tensor.source_axes) == ("y", (1, 6, 7, 5), (0, 2, 3, 1))


def test_nhwc_model_keeps_its_order(folder: Path) -> None:
    graph = read_onnx(folder / "tf2onnx_style_int8_nhwc.onnx", "net").graph
    for index in (*graph.inputs, *graph.outputs):
        assert graph.tensors[index].source_axes == ()
