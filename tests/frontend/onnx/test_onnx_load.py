# SPDX-License-Identifier: Apache-2.0
"""Files that are no usable ONNX model: one clean message each, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from float_cases import CASES as FLOAT_CASES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from int8_cases import CASES as INT8_CASES
from onnx import helper
from qdq_cases import CASES as QDQ_CASES
from qdq_model import BOOL, INT8, QdqModel

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.frontend.onnx.importer import read_onnx
from sconnx.frontend.onnx.printable import printable

CASES: dict[str, Any] = {**QDQ_CASES, **FLOAT_CASES, **INT8_CASES}
KWS = Path(__file__).resolve().parents[4] / "shared/models/mlperf_tiny_onnx_qdq/kws_ref_model.qdq.onnx"
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def message(path: Path) -> str:
    """All errors, one line for each of: code and what, why, help."""
    with pytest.raises(SconnxError) as caught:
        read_onnx(path, "net")
    errors = caught.value.errors if isinstance(caught.value, ErrorGroup) else (caught.value,)
    lines = []
    for error in errors:
        assert error.where == path.name
        lines.append(f"{error.code}: {error.what}")
        lines += [f"  why: {error.why}"] * bool(error.why) + [f"  help: {error.help}"] * bool(error.help)
    return "\n".join(lines)


def filled(name: str) -> QdqModel:
    model = QdqModel(CASES[name].opset)
    CASES[name].fill(model)
    return model


def saved(folder: Path, proto: onnx.ModelProto) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


def test_missing_file(tmp_path: Path) -> None:
    expected = "E101: the model cannot be read\n  why: No such file or directory"
    assert message(tmp_path / "none.onnx") == expected


def test_folder(tmp_path: Path) -> None:
    assert "E101: the model cannot be read" in message(tmp_path)


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"")
    assert message(tmp_path / "a.onnx") == "E102: the file is empty"


def test_text_file(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert message(tmp_path / "a.onnx") == (
        "E102: the file is no ONNX model, or it is cut short\n  help: export it again"
    )


def test_oldest_opset(tmp_path: Path) -> None:
    model = QdqModel(opset=1)
    model.output(model.node("Reshape", model.node("Not", model.input("x", [2, 3], BOOL)), shape=[3, -1]), BOOL)
    graph = read_onnx(model.save(tmp_path), "net").graph
    assert graph.dims(graph.outputs) == ((3, 2),)


def test_no_opset(tmp_path: Path) -> None:
    proto = filled("matmul_and_bias").proto()
    del proto.opset_import[:]
    assert "E103: the model names no operator set" in message(saved(tmp_path, proto))


def test_undefined_input_and_order(tmp_path: Path) -> None:
    proto = filled("identity_and_dropout").proto()
    proto.graph.node.insert(0, helper.make_node("Relu", ["matmul9"], ["dropout6"]))
    proto.graph.node.insert(0, helper.make_node("Relu", ["\n"], ["b"]))
    proto.graph.output.append(helper.make_tensor_value_info("zz", INT8, None))
    assert message(saved(tmp_path, proto)) == (
        "E103: node 0: its input '\\n' is not defined before it\n"
        "E103: node 1: its input 'matmul9' is not defined before it\n"
        "E103: output 'zz' is not defined"
    )


def test_tensor_defined_twice(tmp_path: Path) -> None:
    proto = filled("identity_and_dropout").proto()
    proto.graph.node.append(helper.make_node("Relu", ["x"], ["y"]))
    count = len(proto.graph.node) - 1
    assert message(saved(tmp_path, proto)) == (f"E103: node {count}: its output 'y' is defined twice")


def test_damaged_constant(tmp_path: Path) -> None:
    proto = filled("matmul_and_bias").proto()
    tensor = max(proto.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    tensor.raw_data = tensor.raw_data[:-1]
    expected = f"E103: the data of constant '{tensor.name}' is damaged"
    assert message(saved(tmp_path, proto)).startswith(expected)


def test_dynamic_dimensions(tmp_path: Path) -> None:
    model = QdqModel()
    model.input("x", ["batch", "length\n", 3])
    model.input("y", [None, None])
    model.inputs[1].type.tensor_type.shape.dim[1].Clear()
    model.nodes.append(helper.make_node("Identity", ["x"], ["z"]))
    model.output("z")
    help_line = (
        "\n  why: memory is laid out at build time; only the first dimension, the batch, may be open"
        "\n  help: export the model with fixed input dims, "
        "or fix them: python -m onnxruntime.tools.make_dynamic_shape_fixed"
    )
    assert message(model.save(tmp_path)) == (
        f"E104: input 'x': dimension 1 ('length\\n') is not fixed{help_line}\n"
        f"E104: input 'y': dimension 1 (unset) is not fixed{help_line}"
    )


def test_dimension_of_0(tmp_path: Path) -> None:
    model = QdqModel()
    model.output(model.node("Relu", model.input("x", [2, 0])))
    assert message(model.save(tmp_path)) == "E104: input 'x': dimension 1 is 0\n  why: it has no elements"


def test_the_batch_is_1_wherever_it_stands(tmp_path: Path) -> None:
    model = QdqModel()
    model.input("x", ["batch", 3])
    model.output(model.node("Add", model.node("Transpose", "x"), model.input("h", [3, "batch"])))
    graph = read_onnx(model.save(tmp_path), "net").graph
    assert graph.dims(graph.inputs) == ((1, 3), (3, 1))


def test_input_without_shape(tmp_path: Path) -> None:
    proto = filled("matmul_and_bias").proto()
    proto.graph.input[0].type.tensor_type.ClearField("shape")
    assert message(saved(tmp_path, proto)) == "E104: input 'x' has no fixed dims"


def external(folder: Path, location: str) -> Path:
    """A model whose largest constant is in another file."""
    proto = filled("matmul_and_bias").proto()
    tensor = max(proto.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    (folder / "weights.bin").write_bytes(b"\0" * 3 + tensor.raw_data)
    entries = {"location": location, "offset": "3", "length": str(len(tensor.raw_data))}
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    tensor.ClearField("raw_data")
    return saved(folder, proto)


def test_external_data_beside_the_model(tmp_path: Path) -> None:
    plain = read_onnx(filled("matmul_and_bias").save(tmp_path), "net")
    assert read_onnx(external(tmp_path, "weights.bin"), "net").params.to_npz() == plain.params.to_npz()


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/passwd", "", "a\0b", "link"])
def test_external_data_elsewhere(location: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    text = message(external(tmp_path, location))
    assert "is outside the model's folder\n" in text
    assert text.startswith("E103: the data of constant '")


def test_external_data_missing(tmp_path: Path) -> None:
    text = message(external(tmp_path, "none.bin"))
    assert "cannot be read\n" in text and text.startswith("E103: ")


def test_printable() -> None:
    assert printable("a\nb\x1b[31m\u202e") == "'a\\nb\\x1b[31m\\u202e'"
    assert printable("x" * 200) == "'" + "x" * 77 + "...'"
    assert printable("größe") == "'größe'"


def read_quietly(path: Path) -> None:
    """Anything but SconnxError is a bug."""
    try:
        read_onnx(path, "net")
    except SconnxError as error:
        assert str(error)
        assert "\x1b" not in str(error)


@pytest.mark.skipif(not KWS.exists(), reason="the shared model folder is absent")
@QUIET
@given(share=st.floats(0, 1))
def test_truncated_files(share: float, tmp_path: Path) -> None:
    content = KWS.read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(content[: int(share * (len(content) - 1))])
    read_quietly(path)


@QUIET
@given(name=st.sampled_from(sorted(CASES)), edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255))))
def test_changed_bytes(name: str, edits: list[tuple[float, int]], tmp_path: Path) -> None:
    content = bytearray(filled(name).proto().SerializeToString())
    for share, value in edits:
        content[int(share * (len(content) - 1))] = value
    path = tmp_path / "changed.onnx"
    path.write_bytes(content)
    read_quietly(path)


@QUIET
@given(
    name=st.sampled_from(sorted(CASES)),
    seed=st.integers(0, 2**32 - 1),
)
def test_changed_structure(name: str, seed: int, tmp_path: Path) -> None:
    """Other attributes, operators, constants: still a graph, seldom a valid one."""
    random = np.random.default_rng(seed)
    proto = filled(name).proto()
    nodes, constants = proto.graph.node, proto.graph.initializer
    for _ in range(int(random.integers(1, 4))):
        node = nodes[int(random.integers(len(nodes)))]
        kind = int(random.integers(6))
        if kind == 0:
            node.op_type = nodes[int(random.integers(len(nodes)))].op_type
        elif kind == 1 and node.attribute:
            attribute = node.attribute[int(random.integers(len(node.attribute)))]
            attribute.i = int(random.integers(-(2**40), 2**40))
            attribute.ints[:] = [int(value) for value in random.integers(-3, 9, int(random.integers(6)))]
        elif kind == 2 and node.input:
            del node.input[int(random.integers(len(node.input)))]
        elif kind == 3 and constants:
            old = constants[int(random.integers(len(constants)))]
            shape = random.integers(0, 4, int(random.integers(4)))
            dtype = random.choice(["int8", "uint8", "int32", "float32", "int64", "bool"])
            values = (random.normal(0, 50, shape)).astype(dtype)
            old.CopyFrom(onnx.numpy_helper.from_array(np.asarray(values), old.name))
        elif kind == 4 and node.input and constants:
            node.input[int(random.integers(len(node.input)))] = constants[0].name
        elif kind == 5:
            node.attribute.append(helper.make_attribute("axes", [int(random.integers(-9, 9))]))
    read_quietly(saved(tmp_path, proto))
