# SPDX-License-Identifier: Apache-2.0
"""Whole models: every tensor against tflite-micro and ONNX Runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from sconnx.frontend.onnx.importer import read_onnx
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.frontend.tflite.schema import read_model as read_schema
from sconnx.graph.model import Model
from sconnx.passes.fuse_activation import fuse_activation
from sconnx.reference.execute import execute
from sconnx.reference.quantize import dequantize, quantize
from sconnx.reference.rule import Rule

MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"
TFLITE = MODELS / "mlperf_tiny"
ONNX = MODELS / "mlperf_tiny_onnx_qdq"
RUN = Path(__file__).resolve().parents[1] / "frontend" / "onnx" / "run_onnx.py"
NAMES = ["ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8"]
pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="the shared model folder is absent")


def recorded_inputs(golden: np.lib.npyio.NpzFile, run: int) -> list[NDArray[np.generic]]:
    return [golden[key] for key in golden.files if key.startswith(f"in{run}_")]


def test_wrong_inputs() -> None:
    model = read_tflite(TFLITE / "ad01_int8.tflite", "ad")
    with pytest.raises(ValueError, match="0 inputs for a graph of 1"):
        execute(model, [])
    with pytest.raises(ValueError, match=r"is int8 \(640,\)"):
        execute(model, [np.zeros(640, np.int8)])


@pytest.mark.parametrize("name", NAMES)
def test_tflite_goldens(name: str) -> None:
    model = read_tflite(TFLITE / f"{name}.tflite", name)
    with np.load(TFLITE / f"{name}.tflite.golden.npz") as golden:
        for run in range(3):
            values = execute(model, recorded_inputs(golden, run))
            for position, index in enumerate(model.graph.outputs):
                np.testing.assert_array_equal(values[index], golden[f"tflm_out{run}_{position}"])


@pytest.mark.parametrize("name", NAMES)
def test_tflite_layers(name: str) -> None:
    """Every tensor between the layers, which the goldens record by its index in the file."""
    path = TFLITE / f"{name}.tflite"
    model = read_tflite(path, name)
    operators = read_schema(path.read_bytes()).subgraphs[0].operators
    with np.load(TFLITE / f"{name}.tflite.golden.npz") as golden:
        values = execute(model, recorded_inputs(golden, 0))
    with np.load(TFLITE / f"{name}.tflite.layers.npz") as layers:
        compared = set()
        for node in model.graph.nodes:
            key = f"t{operators[node.source_index].outputs[0]}"
            np.testing.assert_array_equal(values[node.outputs[0]], layers[key], err_msg=node.name)
            compared.add(key)
        assert compared == set(layers.files)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """NAME_RUN.out.npz: the output of every QuantizeLinear, from ONNX Runtime."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("traced")
    for name in NAMES:
        proto = onnx.load(ONNX / f"{name}.qdq.onnx")
        known = {info.name for info in proto.graph.output}
        for node in proto.graph.node:
            if node.op_type == "QuantizeLinear" and node.output[0] not in known:
                info = onnx.helper.make_tensor_value_info(node.output[0], onnx.TensorProto.INT8, None)
                proto.graph.output.append(info)
        with np.load(ONNX / f"{name}.qdq.onnx.golden.npz") as golden:
            for run in range(3):
                (folder / f"{name}_{run}.onnx").write_bytes(proto.SerializeToString())
                feeds: dict[str, Any] = {proto.graph.input[0].name: recorded_inputs(golden, run)[0]}
                np.savez(folder / f"{name}_{run}.npz", **feeds)
    subprocess.run([sys.executable, str(RUN), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_onnx_layers(name: str, traced: Path) -> None:
    """Every quantised tensor; ONNX Runtime has four-dimensional ones as NCHW.

    ONNX Runtime accumulates in float32, so that about two values in a million that lie halfway between two
    codes are rounded the other way.
    """
    model = read_onnx(ONNX / f"{name}.qdq.onnx", name)
    tensors = {model.graph.tensors[node.outputs[0]].name: node.outputs[0] for node in model.graph.nodes}
    differing = total = 0
    with np.load(ONNX / f"{name}.qdq.onnx.golden.npz") as golden:
        for run in range(3):
            values = execute(model, recorded_inputs(golden, run))
            with np.load(traced / f"{name}_{run}.out.npz") as expected:
                assert len(expected.files) == sum(node.type != "Reshape" for node in model.graph.nodes)
                for tensor in expected.files:
                    value = expected[tensor].astype(np.int16)
                    stored = np.moveaxis(value, 1, -1) if value.ndim == 4 else value
                    difference = np.abs(values[tensors[tensor]].astype(np.int16) - stored)
                    assert difference.max() <= 1, tensor
                    differing += int(np.count_nonzero(difference))
                    total += difference.size
    assert differing * 100_000 <= total, f"{differing} of {total} values differ"


@pytest.mark.parametrize("name", NAMES)
def test_onnx_goldens(name: str) -> None:
    model: Model = read_onnx(ONNX / f"{name}.qdq.onnx", name)
    (output,) = model.graph.outputs
    with np.load(ONNX / f"{name}.qdq.onnx.golden.npz") as golden:
        for run in range(3):
            (key,) = (key for key in golden.files if key.startswith(f"ort_none_out{run}_"))
            values = execute(model, recorded_inputs(golden, run))
            np.testing.assert_array_equal(values[output], golden[key])


@pytest.mark.parametrize("fuse", [False, True])
def test_symmetric_sequence_model(fuse: bool) -> None:
    """A one-dimensional model with float32 ends, quantised symmetrically: a Relu on integers after each layer."""
    path = MODELS / "pulsevad" / "pulsevad_2.1k_int8.onnx"
    model = read_onnx(path, "vad")
    if fuse:
        model = fuse_activation(model)
        assert all(node.type != "Relu" for node in model.graph.nodes)
    (source,), (output,) = model.graph.inputs, model.graph.outputs
    scale = {index: float(model.params.scale[index][0]) for index in (source, output)}
    with np.load(path.with_name(path.name + ".golden.npz")) as golden:
        for run in range(3):
            (key,) = (key for key in golden.files if key.startswith(f"ort_none_out{run}_"))
            (real,) = recorded_inputs(golden, run)
            given = quantize(Rule.ONNX, real.astype(np.float32), scale[source], 0)
            values = execute(model, [given.transpose(model.graph.tensors[source].source_axes)])
            result = values[output].astype(np.int8)
            np.testing.assert_array_equal(dequantize(result, scale[output], 0), golden[key])
