# SPDX-License-Identifier: Apache-2.0
"""graph.json and params.npz: what is read back is what was written, byte for byte the same every time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sconnx.graph.graph import Graph, Node, Removed
from sconnx.graph.json_form import graph_from_json, graph_to_json, read_document, read_graph, to_bytes
from sconnx.graph.model import Model
from sconnx.graph.operator import Activation, Conv2D, Operator, Reshape, Softmax
from sconnx.graph.params import Params
from sconnx.graph.tensor import Computed, Constant, DType, GraphInput, Quantization, Tensor
from sconnx.reference.rule import Rule
from tests.tiny_models import ROOT, random_models, tiny_model

names = st.text(max_size=8)
small = st.integers(1, 9)


@given(name=names, beta=st.floats(allow_nan=False), pads=st.tuples(small, small, small, small))
def test_every_attribute_survives(name: str, beta: float, pads: tuple[int, int, int, int]) -> None:
    x = GraphInput(
        name=name,
        dtype=DType.INT16,
        dims=(1, 2, 3, 4),
        quantization=Quantization(axis=3, symmetric=False),
        source_axes=(0, 2, 3, 1),
    )
    weights = Constant(name=name, dtype=DType.FLOAT32, dims=())
    computed = [Computed(name=name, dtype=DType.BOOL, dims=(1, 24)) for _ in range(3)]
    conv = Conv2D(kernel_dims=(2, 3), padding=pads, groups=2, activation=Activation.RELU_N1_TO_1)
    operators: list[Operator] = [conv, Softmax(beta=beta), Reshape(dims=(1, 24))]
    nodes = tuple(
        Node(operator=operator, name=name, source_index=7 + i, inputs=(0, None, 1), outputs=(2 + i,))
        for i, operator in enumerate(operators)
    )
    tensors: tuple[Tensor, ...] = (x, weights, *computed)
    removed = Removed(channels=5, macs=6, constant_bytes=7)
    graph = Graph(name="m", rule=Rule.ONNX, tensors=tensors, nodes=nodes, inputs=(0,), outputs=(4, 2), removed=removed)
    text = to_bytes(graph_to_json(graph))
    assert text.isascii()
    back = graph_from_json(json.loads(text))
    assert back == graph
    assert to_bytes(graph_to_json(back)) == text


@given(random_models())
def test_random_graphs_survive(model: Model) -> None:
    graph = model.graph
    assert graph_from_json(json.loads(to_bytes(graph_to_json(graph)))) == graph


def test_a_list_entry_is_a_line() -> None:
    text = to_bytes({"schema": "s/1", "empty": [], "numbers": [1, 2], "rows": [{"a": 1}, {"a": 2}]}).decode()
    assert text == (
        '{\n  "schema": "s/1",\n  "empty": [],\n  "numbers": [1, 2],\n  "rows": [\n    {"a": 1},\n    {"a": 2}\n  ]\n}\n'
    )


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    path.write_bytes(to_bytes({"schema": "sconnx.graph/0"}))
    with pytest.raises(ValueError, match=r"has schema 'sconnx.graph/0', not 'sconnx.graph/1'"):
        read_document(path, "sconnx.graph/1")
    path.write_bytes(to_bytes(graph_to_json(tiny_model().graph)))
    assert read_graph(path) == tiny_model().graph


def test_a_weight_changes_params_alone() -> None:
    model, other = tiny_model(), tiny_model()
    weights = model.graph.constants[0]
    assert isinstance(other.params.value, dict)
    other.params.value[weights] = other.params.value[weights] + np.int8(1)  # type: ignore[operator]
    assert to_bytes(graph_to_json(model.graph)) == to_bytes(graph_to_json(other.graph))
    assert model.params.to_npz() != other.params.to_npz()


@given(st.data())
def test_params_survive_and_order_does_not_matter(data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.integers(0, 99), unique=True, max_size=4))
    dtypes = ("int8", "uint8", "int16", "int32", "int64", "float32", "bool")
    values = {}
    for key in keys:
        dims = data.draw(st.lists(st.integers(1, 3), max_size=3))
        array = np.arange(int(np.prod(dims))).reshape(dims).astype(data.draw(st.sampled_from(dtypes)))
        values[key] = array.T if data.draw(st.booleans()) else array
    scale = {key: np.full(1, 0.1 * key, np.float32) for key in keys}
    point = {key: np.full(1, key, np.int32) for key in keys}
    content = Params(values, scale, point).to_npz()
    turned = [dict(reversed(list(part.items()))) for part in (values, scale, point)]
    assert Params(*turned).to_npz() == content  # type: ignore[arg-type]
    back = _read(content)
    assert sorted(back.value) == sorted(keys)
    for key in keys:
        assert back.value[key].dtype == values[key].dtype
        assert back.value[key].shape == values[key].shape
        np.testing.assert_array_equal(back.value[key], values[key])
        assert (back.scale[key].tolist(), back.zero_point[key].tolist()) == (scale[key].tolist(), point[key].tolist())


def _read(content: bytes) -> Params:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "params.npz"
        path.write_bytes(content)
        return Params.from_npz(path)


def test_files_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "import sys, hashlib; sys.path[:0] = ['site_scons', '.']\n"
        "from sconnx.graph.json_form import graph_to_json, to_bytes\n"
        "from tests.tiny_models import lowered_of, tiny_model\n"
        "model = tiny_model()\n"
        "parts = [to_bytes(graph_to_json(model.graph)), model.params.to_npz(), to_bytes(lowered_of(model).to_json())]\n"
        "print(hashlib.sha256(b''.join(parts)).hexdigest())\n"
    )
    sums = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(sums) == 1
