# SPDX-License-Identifier: Apache-2.0
"""Outputs that become inputs of the next run: the model keeps them, and computes what onnx.reference computes step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator
from qdq_model import INT8, QdqModel

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.frontend.onnx.importer import read_onnx
from sconnx.frontend.read import read_model
from sconnx.graph.tensor import DType, State
from sconnx.reference.execute import execute_sequence
from sconnx.reference.quantize import quantize
from sconnx.reference.rule import Rule

TINY = Path(__file__).resolve().parents[4] / "shared/models/mlperf_tiny/kws_ref_model.tflite"


def leaky(scale: float = 0.5) -> QdqModel:
    """h' = tanh(x + h / 2); y = h' transposed."""
    m = QdqModel()
    x, h = m.input("x", ["batch", 3, 4]), m.input("h", ["batch", 3, 4])
    m.node("Tanh", m.node("Add", x, m.node("Mul", h, m.constant(scale, np.float32))), output="h_out")
    m.output(m.node("Transpose", "h_out", perm=[0, 2, 1], output="y"))
    m.output("h_out")
    return m


def test_a_state_of_float32(tmp_path: Path) -> None:
    m = leaky()
    path = m.save(tmp_path)
    model = read_onnx(path, "net", {"h_out": "h"})
    graph = model.graph
    assert [graph.tensors[index].name for index in graph.inputs + graph.outputs] == ["x", "y"]
    steps = np.random.default_rng(0).normal(0, 1, (5, 1, 3, 4)).astype(np.float32)
    session, h = ReferenceEvaluator(str(path)), np.zeros((1, 3, 4), np.float32)
    for step, values in zip(steps, execute_sequence(model, [[step] for step in steps]), strict=True):
        y, h = session.run(None, {"x": step, "h": h})
        result = values[graph.outputs[0]]
        axes = graph.tensors[graph.outputs[0]].source_axes
        np.testing.assert_allclose(result.transpose(np.argsort(axes)) if axes else result, y, rtol=1e-5)


def test_the_cache_of_a_streaming_convolution_is_int8(tmp_path: Path) -> None:
    """Each run gets one frame; the last two are kept."""
    m = QdqModel(opset=21)
    x, cache = m.input("x", [1, 4, 1]), m.input("cache", [1, 4, 2])
    frames = m.node("Concat", m.qdq(cache, 0.05), m.qdq(x, 0.05), axis=2)
    m.node("Slice", frames, *(m.constant([n], np.int64) for n in (1, 3, 2)), output="cache_out")
    y = m.node("Conv", frames, m.weights(3, 4, 3))
    m.output(m.q(y, 0.1, 3, output="y"), INT8)
    m.output("cache_out")
    path = m.save(tmp_path)
    model = read_onnx(path, "net", {"cache_out": "cache"})
    states = [tensor for tensor in model.graph.tensors if isinstance(tensor, State)]
    assert [(state.dtype, state.starts_at_zero) for state in states] == [(DType.INT8, True)]
    steps = np.random.default_rng(0).normal(0, 2, (6, 1, 4, 1)).astype(np.float32)
    session, kept = ReferenceEvaluator(str(path)), np.zeros((1, 4, 2), np.float32)
    codes = [[quantize(Rule.ONNX, step, 0.05, 0).transpose(0, 2, 1)] for step in steps]
    for step, values in zip(steps, execute_sequence(model, codes), strict=True):
        y, kept = session.run(None, {"x": step, "cache": kept})
        np.testing.assert_array_equal(values[model.graph.outputs[0]].reshape(-1), np.asarray(y).reshape(-1))


def problems(path: Path, carry: dict[str, str]) -> list[str]:
    with pytest.raises(SconnxError) as caught:
        read_model(path, "net", carry)
    error = caught.value
    return [str(one) for one in (error.errors if isinstance(error, ErrorGroup) else (error,))]


def test_names_that_are_not_there(tmp_path: Path) -> None:
    assert problems(leaky().save(tmp_path), {"h_ou": "g"}) == [
        "model.onnx: error[E702]: carry: there is no output 'h_ou' (help: did you mean 'h_out'?)",
        "model.onnx: error[E702]: carry: there is no input 'g' (help: one of: x, h)",
    ]


def test_too_much_is_carried(tmp_path: Path) -> None:
    assert problems(leaky().save(tmp_path), {"h_out": "h", "y": "h"}) == [
        "model.onnx: error[E702]: carry: two outputs become one input",
        "model.onnx: error[E702]: carry: no output is left for the application",
    ]


def test_other_dims(tmp_path: Path) -> None:
    assert problems(leaky().save(tmp_path), {"y": "h"}) == [
        "model.onnx: error[E201]: output 'y' is not supported: it has dims (1, 4, 3), the input that it becomes (1, 3, 4)"
    ]


def test_another_type(tmp_path: Path) -> None:
    m = QdqModel()
    m.output(m.node("Greater", m.input("x", [2]), m.input("h", [2])), 9)
    m.output(m.node("Relu", "x"))
    assert problems(m.save(tmp_path), {m.outputs[0].name: "h"}) == [
        f"model.onnx: error[E201]: output '{m.outputs[0].name}' is not supported: "
        "it is not float32 like the input that it becomes, or quantised otherwise"
    ]


@pytest.mark.skipif(not TINY.exists(), reason="the shared model folder is absent")
def test_a_tflite_model() -> None:
    assert problems(TINY, {"a": "b"}) == [
        "kws_ref_model.tflite: error[E702]: carry= is for .onnx models: "
        "a .tflite model says itself what it keeps, in variables (help: leave carry= out)"
    ]
