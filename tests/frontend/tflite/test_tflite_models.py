# SPDX-License-Identifier: Apache-2.0
"""The reference models, against the generated schema classes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tflite_file import MODELS, load, needs_models

from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.operator import Reshape
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute
from sconnx.reference.rule import Rule

MACS = {
    "pretrainedResnet_quant": 12_501_632,
    "kws_ref_model": 2_656_768,
    "vww_96_int8": 7_489_664,
    "ad01_int8": 264_192,
}


@needs_models
@pytest.mark.parametrize("name", MACS)
def test_structure(name):
    path = MODELS / f"{name}.tflite"
    graph = read_tflite(path, "net").graph
    file = load(path).subgraphs[0]
    assert (graph.name, graph.rule) == ("net", Rule.TFLITE)
    assert sum(graph.macs(node) for node in graph.nodes) == MACS[name]
    assert graph.dims(graph.inputs) == tuple(tuple(file.tensors[index].shape) for index in file.inputs)
    assert graph.dims(graph.outputs) == tuple(tuple(file.tensors[index].shape) for index in file.outputs)
    assert [node.source_index for node in graph.nodes] == list(range(len(file.operators)))
    for node in graph.nodes:
        operator = file.operators[node.source_index]
        output = file.tensors[operator.outputs[0]]
        assert node.name == graph.tensors[node.outputs[0]].name == output.name.decode()
        assert graph.tensors[node.outputs[0]].dims == tuple(output.shape)
        data = file.tensors[operator.inputs[0]]
        assert graph.tensors[node.inputs[0]].dims == tuple(data.shape)


@needs_models
@pytest.mark.parametrize("name", MACS)
def test_values(name):
    path = MODELS / f"{name}.tflite"
    model = read_tflite(path, "net")
    file = load(path)
    tensors = file.subgraphs[0].tensors
    for node in model.graph.nodes:
        operator = file.subgraphs[0].operators[node.source_index]
        pairs = [*zip(node.inputs, operator.inputs, strict=False), (node.outputs[0], operator.outputs[0])]
        if isinstance(node.operator, Reshape):
            pairs = pairs[:1] + pairs[-1:]
        for ours, theirs in pairs:
            np.testing.assert_array_equal(model.params.scale[ours], np.float32(tensors[theirs].quantization.scale))
            np.testing.assert_array_equal(model.params.zero_point[ours], tensors[theirs].quantization.zeroPoint)
            if ours in model.params.value:
                data = file.buffers[tensors[theirs].buffer].data
                assert model.params.value[ours].tobytes() == bytes(data)
                dims = model.graph.tensors[ours].dims
                assert dims == tuple(tensors[theirs].shape)[-len(dims) :]
                axis = model.graph.tensors[ours].quantization.axis
                assert len(tensors[theirs].quantization.scale) == (1 if axis is None else dims[axis])


FLOAT_MACS = {"pretrainedResnet": 12_501_632, "vww_96_float": 7_489_664, "ad01_fp32": 264_192}


@needs_models
@pytest.mark.parametrize("name", FLOAT_MACS)
def test_float_models(name):
    """Of the golden file: what tflite-micro computed from the same inputs."""
    path = MODELS / f"{name}.tflite"
    model = read_tflite(path, "net")
    graph = model.graph
    assert {tensor.dtype for tensor in graph.tensors} == {DType.FLOAT32}
    assert sum(graph.macs(node) for node in graph.nodes) == FLOAT_MACS[name]
    with np.load(f"{path}.golden.npz") as file:
        golden = dict(file)
    for key in (key for key in golden if key.startswith("in")):
        values = execute(model, [golden[key]])
        expected = golden[key.replace("in", "tflm_out")]
        np.testing.assert_allclose(values[graph.outputs[0]], expected, rtol=1e-3, atol=1e-5)


@needs_models
def test_reading_is_deterministic():
    path = MODELS / "kws_ref_model.tflite"
    first, second = read_tflite(path, "kws"), read_tflite(path, "kws")
    assert first.graph == second.graph
    assert first.params.to_npz() == second.params.to_npz()
    assert math.prod(first.graph.tensors[first.graph.inputs[0]].dims) == 490
