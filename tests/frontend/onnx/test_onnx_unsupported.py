# SPDX-License-Identifier: Apache-2.0
"""Models that cannot be imported: every problem once, in order, with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from qdq_cases import finish, image, row
from qdq_model import FLOAT, INT8, QdqModel

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.frontend.onnx.importer import read_onnx


def problems(model: QdqModel, folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(SconnxError) as caught:
        read_onnx(model.save(folder), "net")
    errors = caught.value.errors if isinstance(caught.value, ErrorGroup) else (caught.value,)
    assert all((error.code, error.where) == ("E201", "model.onnx") for error in errors)
    return [(error.what, error.why) for error in errors]


def reason(model: QdqModel, folder: Path) -> str:
    """Why, of a model with one problem."""
    ((_, why),) = problems(model, folder)
    return why


def test_all_problems_at_once(tmp_path: Path) -> None:
    m = QdqModel()
    x = image(m)
    first = m.node("Einsum", x, name="b3/Einsum", equation="abcd->abcd")
    m.node("Relu", first)
    m.nodes.append(helper.make_node("Squash", [x], ["z"], name="evil\n\x1b[31mname", domain="com.example"))
    conv = m.node("Conv", x, m.weights(2, 3, 1, 1), name="c", strides=[0, 1])
    m.q(m.node("Relu", conv))
    m.q(m.node("Det", x, name="h" * 100))
    finish(m, x)
    assert problems(m, tmp_path) == [
        ("node 2 'b3/Einsum': operator Einsum (opset 17) is not supported", ""),
        (
            "node 4 'evil\\n\\x1b[31mname': operator com.example.Squash is not supported",
            "",
        ),
        (
            "node 6 'c': operator Conv (opset 17) is not supported as it is used here",
            "strides [0, 1] is not positive",
        ),
        (f"node 9 '{'h' * 77}...': operator Det (opset 17) is not supported", ""),
    ]


def test_attributes_of_another_number_of_dimensions(tmp_path: Path) -> None:
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"strides": [1]}, "strides [1] does not fit 2 dimensions"),
        ({"dilations": [0, 1]}, "dilations [0, 1] is not positive"),
        ({"pads": [1, 1]}, "pads [1, 1] do not fit 2 dimensions"),
        ({"kernel_shape": [2, 1]}, "kernel_shape (2, 1) does not fit weights of (3, 3)"),
        ({"pads": [0, 0, -1, 0]}, "pads [0, 0, -1, 0] are negative"),
        ({"dilations": [9, 9]}, "kernel (3, 3) with padding (0, 0, 0, 0) does not fit (9, 8)"),
    )
    for attribute, expected in cases:
        m = QdqModel()
        finish(m, m.node("Conv", image(m), m.weights(2, 3, 3, 3), **attribute))
        assert reason(m, tmp_path) == expected


@pytest.mark.parametrize("scale", [0.0, -0.1, float("nan"), float("inf"), 1e-30, 1e10])
def test_unusable_scale(scale: float, tmp_path: Path) -> None:
    m = QdqModel()
    x = m.node("Relu", row(m))
    m.output(m.node("QuantizeLinear", x, m.constant(scale, np.float32, "s"), m.constant(0, np.int8)), INT8)
    assert reason(m, tmp_path) == "scale 's' is not between 1e-20 and 1e+09"


def test_another_scale_where_dequantized(tmp_path: Path) -> None:
    m = QdqModel()
    q = m.q(m.node("Relu", row(m)), 0.1, output="q")
    m.output(m.dq(q, 0.2))
    assert reason(m, tmp_path) == "'q' has another scale or zero point where it is quantised"


def test_pool_indices(tmp_path: Path) -> None:
    m = QdqModel()
    x = image(m)
    m.nodes.append(helper.make_node("MaxPool", [x], ["y", "indices"], kernel_shape=[2, 2]))
    m.output("y", FLOAT)
    path = m.save(tmp_path)
    assert [node.type for node in read_onnx(path, "unread").graph.nodes][-1] == "MaxPooling2D"
    m.output("indices", TensorProto.INT64)
    assert reason(m, tmp_path) == "its output 'indices' is read; only its first one is supported"


def test_tensors_without_elements(tmp_path: Path) -> None:
    """Where they are computed, they are constants."""
    m = QdqModel()
    empty = m.node("Slice", m.input("x", [1, 3, 4]), *(m.constant([n], np.int64) for n in (0, 0, 1)))
    m.output(m.node("Relu", empty, output="y"))
    with pytest.raises(SconnxError) as caught:
        read_onnx(m.save(tmp_path), "model")
    assert str(caught.value) == (
        "model.onnx: error[E201]: output 'y' is not supported: constant 'y' has no elements, its dims are (1, 0, 4)"
    )


def test_dropout_in_training(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Dropout", row(m), "", m.constant(True, np.bool_)))
    assert reason(m, tmp_path) == "it is in training mode"


def test_constant_node_is_a_constant(tmp_path: Path) -> None:
    m = QdqModel()
    tensor = numpy_helper.from_array(np.array([1, 3, 4], np.int64), "t")
    shape = m.node("Constant", value=tensor)
    finish(m, m.node("MatMul", m.node("Reshape", row(m), shape), m.weights(4, 2, axis=1)))
    graph = read_onnx(m.save(tmp_path), "net").graph
    assert [node.type for node in graph.nodes] == ["Reshape", "FullyConnected"]
    assert graph.tensors[graph.outputs[0]].dims == (1, 3, 2)


def test_hostile_names_are_kept_in_the_graph(tmp_path: Path) -> None:
    m = QdqModel()
    x = m.qdq(m.input("../../x\n\0 ${y}", [1, 12]))
    m.output(m.node("Identity", m.qdq(m.node("MatMul", x, m.weights(12, 2, axis=1))), output="'; rm *"))
    graph = read_onnx(m.save(tmp_path), "net").graph
    assert [graph.tensors[index].name for index in graph.inputs + graph.outputs] == [
        "../../x\n\0 ${y}",
        "'; rm *",
    ]


def test_concats(tmp_path: Path) -> None:
    def of(attributes: dict[str, Any], *others: str) -> str:
        m = QdqModel()
        m.constant(np.zeros((1, 2)), np.int64, "integers")
        m.input("int8", [1, 2], INT8)
        m.dq("int8", 0.1)
        m.input("float", [1, 2])
        finish(m, m.node("Concat", row(m), *(others or (row(m, 5, "second"),)), **attributes))
        return reason(m, tmp_path)

    assert of({}) == "axes [2] do not fit 2 dimensions"
    assert of({"axis": -3}) == "axes [-3] do not fit 2 dimensions"
    assert of({"axis": 0}) == "dims (1, 12) and (1, 5) do not fit each other along axis 0"
    assert of({"axis": 1}, "integers") == "its inputs are float32 and int64"
    assert of({"axis": 1}, "int8") == "its inputs are float32 and int8"
    assert of({"axis": 1}, "") == "input 1 is missing"


@pytest.mark.parametrize(
    ("opset", "sizes", "attributes", "expected"),
    [
        (17, [4, 4], {"axis": 2}, "axes [2] do not fit 2 dimensions"),
        (17, [4, 4], {"axis": 1}, "parts of [4, 4] do not make up axis 1 of dims (1, 12)"),
        (17, [4, 4, 4], {"axis": 1}, "it has 2 outputs and 3 sizes"),
        (17, None, {"axis": 0}, "a dimension of 1 does not fall into 2 equal parts"),
        (18, None, {"axis": 1, "num_outputs": 5}, "it has 2 outputs and 5 parts"),
        (18, None, {"axis": 1, "num_outputs": 0}, "it has 2 outputs and 0 parts"),
    ],
)
def test_splits(tmp_path: Path, opset: int, sizes: list[int] | None, attributes: dict[str, Any], expected: str) -> None:
    m = QdqModel(opset)
    given = () if sizes is None else (m.constant(sizes, np.int64),)
    first, _ = m.split(row(m), 2, *given, **attributes)
    finish(m, first)
    assert reason(m, tmp_path) == expected


@pytest.mark.parametrize(
    ("changes", "attributes", "expected"),
    [
        ({}, {"training_mode": 1}, "it is in training mode, or not by channel"),
        ({3: [-1, 1, 1]}, {}, "variance 'numbers3' is not above 0"),
        ({1: [np.nan, 1, 1]}, {}, "input 'numbers1' is not one finite number for each of 3 channels"),
        ({2: [1, 1]}, {}, "input 'numbers2' is not one finite number for each of 3 channels"),
    ],
)  # fmt: skip
def test_batch_normalization(
    tmp_path: Path, changes: dict[int, Any], attributes: dict[str, Any], expected: str
) -> None:
    m = QdqModel()
    y = m.node("Conv", image(m), m.dq(m.constant(np.ones((3, 3, 1, 1)), np.int8), 0.01))
    numbers = {0: [-1, 1, 1], 1: [0, 0, 0], 2: [0, 0, 0], 3: [1, 1, 1]} | changes
    constants = [m.constant(values, np.float32, f"numbers{i}") for i, values in numbers.items()]
    finish(m, m.node("BatchNormalization", y, *constants, **attributes))
    assert reason(m, tmp_path) == expected


def branches(m: QdqModel, *operators: str) -> dict[str, Any]:
    """The two branches of an If on a tensor `x`."""
    result = helper.make_tensor_value_info("inside", TensorProto.FLOAT, [2])
    return {
        name: helper.make_graph([helper.make_node(operator, ["x"], ["inside"])], name, [], [result])
        for name, operator in zip(("then_branch", "else_branch"), operators, strict=True)
    }


def test_a_branch_that_is_chosen_at_run_time(tmp_path: Path) -> None:
    m = QdqModel()
    m.input("x", [2])
    finish(m, m.node("If", m.input("c", [], TensorProto.BOOL), **branches(m, "Relu", "Neg")))
    expected = "its condition must be constant, known at build time: firmware has no branches of a graph"
    assert reason(m, tmp_path) == expected


def test_what_a_branch_has_in_it(tmp_path: Path) -> None:
    m = QdqModel()
    m.input("x", [2])
    m.node("Relu", "x")
    finish(m, m.node("If", m.constant(True, np.bool_), name="if", **branches(m, "Det", "Neg")))
    assert problems(m, tmp_path) == [
        (
            "node 1 'if': operator If (opset 17) is not supported as it is used here",
            "in it, operator Det is not supported",
        )
    ]


def test_what_the_body_of_a_function_has_in_it(tmp_path: Path) -> None:
    """The place in the file is told, also of what stands behind a body."""
    m = QdqModel(opset=18)
    y = m.node("CenterCropPad", m.input("x", [2, 3]), m.input("size", [2], TensorProto.INT64), name="crop")
    m.node("Det", "x", name="det")
    m.output(y)
    found = problems(m, tmp_path)
    assert [what for what, _ in found] == [
        "node 0 'crop': operator CenterCropPad (opset 18) is not supported as it is used here",
        "node 1 'det': operator Det (opset 18) is not supported",
    ]
    assert found[0][1].startswith("in it, operator ")


@pytest.mark.parametrize(
    ("domain", "operator", "help"),
    [
        ("qonnx.custom_op.general", "Quant", "convert the model from QONNX to QDQ: qonnx-convert --output-style qcdq"),
        ("onnx.brevitas", "Quant", "export it from Brevitas with export_onnx_qcdq"),
        (
            "com.microsoft",
            "FusedConv",
            "save it before ONNX Runtime optimises its graph (graph_optimization_level=ORT_DISABLE_ALL)",
        ),
        (
            "com.microsoft",
            "DynamicQuantizeLSTM",
            "quantise it by samples: onnxruntime's quantize_static instead of quantize_dynamic, "
            "or quantize= with the float32 model",
        ),
        ("com.example", "Squash", "docs/add-an-operator.md tells how to add one"),
    ],
)
def test_what_to_do_about_an_operator(domain: str, operator: str, help: str, tmp_path: Path) -> None:
    m = QdqModel()
    m.nodes.append(helper.make_node(operator, [m.input("x", [2])], ["y"], domain=domain))
    m.output("y")
    with pytest.raises(SconnxError) as caught:
        read_onnx(m.save(tmp_path), "net")
    assert caught.value.what == f"node 0: operator {domain}.{operator} is not supported"
    assert caught.value.help == help
