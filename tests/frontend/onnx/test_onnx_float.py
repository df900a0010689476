# SPDX-License-Identifier: Apache-2.0
"""Float32 and mixed models become the expected operators, which compute what ONNX Runtime computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from float_cases import CASES
from numpy.typing import NDArray
from qdq_model import QdqModel, run_onnxruntime
from test_onnx_cases import outputs_of

from sconnx.frontend.onnx.importer import read_onnx
from sconnx.graph.model import Model
from sconnx.passes.remove_dead_channels import remove_dead_channels
from sconnx.reference.quantize import dequantize
from sconnx.steps.import_model import PASSES

RTOL, ATOL = 1e-3, 1e-5


def random_input(info: onnx.ValueInfoProto, seed: int) -> NDArray[Any]:
    tensor = info.type.tensor_type
    dims = [max(1, dim.dim_value) for dim in tensor.shape.dim]
    random = np.random.default_rng(seed)
    if tensor.elem_type == onnx.TensorProto.FLOAT:
        return random.normal(0, 1, dims).astype(np.float32)
    low, high = (-128, 128) if tensor.elem_type == onnx.TensorProto.INT8 else (0, 10)
    return random.integers(low, high, dims).astype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type))


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
        inputs: dict[str, Any] = {info.name: random_input(info, at) for at, info in enumerate(proto.graph.input)}
        np.savez(folder / f"{name}.npz", **inputs)
    run_onnxruntime(folder)
    return folder


def check(model: Model, folder: Path, name: str) -> None:
    with np.load(folder / f"{name}.npz") as inputs, np.load(folder / f"{name}.out.npz") as expected:
        results = outputs_of(model, dict(inputs))
        assert sorted(results) == sorted(expected.files)
        for index in model.graph.outputs:
            output = model.graph.tensors[index].name
            result = results[output]
            tolerance = ATOL
            if index in model.params.scale:
                scale, point = float(model.params.scale[index][0]), int(model.params.zero_point[index][0])
                is_real = expected[output].dtype == np.float32
                result, tolerance = (dequantize(result, scale, point), scale) if is_real else (result, 1)
            assert result.shape == expected[output].shape
            np.testing.assert_allclose(
                result.astype(np.float64), expected[output].astype(np.float64), rtol=RTOL, atol=tolerance * 1.001
            )


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
