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
    m.nodes.append(helper.make_node("QLinearAdd", [x], ["z"], name="evil\n\x1b[31mname", domain="com.microsoft"))
    clipped = m.node("Clip", m.node("Conv", x, m.weights(2, 3, 1, 1)), m.constant(0.5, np.float32), name="c")
    m.q(clipped)
    m.q(m.node("HardSwish", x, name="h" * 100))
    finish(m, x)
    assert problems(m, tmp_path) == [
        ("node 2 'b3/Einsum': operator Einsum (opset 17) is not supported", ""),
        (
            "node 4 'evil\\n\\x1b[31mname': operator com.microsoft.QLinearAdd is not supported",
            "",
        ),
        (
            "node 7 'c': operator Clip (opset 17) is not supported as it is used here",
            "its range 0.5..None is neither 0.., 0..6, -1..1 nor the range of the quantised output",
        ),
        (f"node 9 '{'h' * 77}...': operator HardSwish (opset 17) is not supported", ""),
    ]


def test_float_model(tmp_path: Path) -> None:
    m = QdqModel()
    x = m.input("x", [1, 3, 8, 8])
    y = m.node("Conv", x, m.constant(np.ones((2, 3, 1, 1)), np.float32), name="conv")
    m.output(m.node("Relu", y, name="relu"))
    assert problems(m, tmp_path) == [
        (
            "node 0 'conv': operator Conv (opset 17) is not supported as it is used here",
            "input 'x' is float32 and not quantised; it needs a QuantizeLinear and a DequantizeLinear before this node",
        )
    ]


def test_missing_quantization_between_nodes(tmp_path: Path) -> None:
    m = QdqModel()
    y = m.node("Conv", image(m), m.weights(2, 3, 1, 1), output="between")
    finish(m, m.node("Conv", y, m.weights(2, 2, 1, 1), name="second"))
    assert problems(m, tmp_path) == [
        (
            "node 5 'second': operator Conv (opset 17) is not supported as it is used here",
            "input 'between' is float32 and not quantised; "
            "it needs a QuantizeLinear and a DequantizeLinear before this node",
        )
    ]


def test_float_output(tmp_path: Path) -> None:
    m = QdqModel()
    m.output(m.node("Conv", image(m), m.weights(2, 3, 1, 1), output="y"))
    assert problems(m, tmp_path) == [
        (
            "output 'y' is not supported",
            "it is float32 and not quantised; the operator that makes it needs a QuantizeLinear after it",
        )
    ]


def test_uint8(tmp_path: Path) -> None:
    m = QdqModel()
    m.input("pixels", [1, 4], TensorProto.UINT8)
    x = m.input("x", [1, 4])
    y = m.node("QuantizeLinear", x, m.constant(0.1, np.float32), m.constant(0, np.uint8), output="xq")
    m.node("QuantizeLinear", x, m.constant(0.1, np.float32), output="default")
    weights = m.constant(np.ones((4, 2)), np.uint8, name="w")
    weights = m.dq(weights, 0.1, 3, np.uint8)
    m.output(m.node("MatMul", m.dq(y, 0.1, 0, np.uint8), weights))
    m.output(m.node("Identity", "pixels"))
    advice = "uint8; quantise with signed int8 (QuantType.QInt8)"
    here = "(opset 17) is not supported as it is used here"
    assert problems(m, tmp_path) == [
        ("input 'pixels' is not supported", f"it is {advice}"),
        (f"node 0: operator QuantizeLinear {here}", f"the output of QuantizeLinear 'xq' is {advice}"),
        (f"node 1: operator QuantizeLinear {here}", f"the output of QuantizeLinear 'default' is {advice}"),
        (f"node 2: operator DequantizeLinear {here}", f"constant 'w' is {advice}"),
    ]


def test_int16_activation(tmp_path: Path) -> None:
    m = QdqModel(opset=21)
    x = m.input("x", [1, 4])
    m.output(m.node("QuantizeLinear", x, m.constant(0.1, np.float32), m.constant(0, np.int16), output="q"))
    assert reason(m, tmp_path) == "the output of QuantizeLinear 'q' is int16; only int8 is supported"


def test_input_quantized_twice(tmp_path: Path) -> None:
    m = QdqModel()
    x = m.input("x", [1, 4])
    finish(m, m.node("Add", m.qdq(x, 0.1), m.qdq(x, 0.2)))
    assert problems(m, tmp_path) == [
        (
            "input 'x' is not supported",
            "several QuantizeLinear nodes read it with different scales or zero points",
        )
    ]


def test_int8_input_without_scale(tmp_path: Path) -> None:
    m = QdqModel()
    m.output(m.node("Flatten", m.input("x", [1, 2, 2], INT8)), INT8)
    assert reason(m, tmp_path) == "no DequantizeLinear says what its integers stand for"


def test_weights_with_zero_points_per_channel(tmp_path: Path) -> None:
    m = QdqModel()
    weights = m.dq(m.constant(np.ones((2, 3, 1, 1)), np.int8, name="w"), [0.1, 0.2], [0, 1], axis=0)
    finish(m, m.node("Conv", image(m), weights))
    assert reason(m, tmp_path).endswith("' have a different zero point per channel")


def test_bias_too_large(tmp_path: Path) -> None:
    m = QdqModel()
    weights = m.dq(m.constant(np.ones((12, 5)), np.int8), 1e-12)
    finish(m, m.node("Gemm", row(m), weights, m.constant(np.ones(5), np.float32, "b")))
    assert reason(m, tmp_path) == "bias 'b' is too large for the scale of the weights"


def test_weights_of_scale_0(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Gemm", row(m), m.dq(m.constant(np.ones((12, 5)), np.int8, name="w"), 0.0)))
    assert reason(m, tmp_path).endswith("' have scale 0")


def test_weights_per_input_channel(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Gemm", row(m), m.weights(12, 5, axis=0)))
    assert reason(m, tmp_path).endswith("' are quantised per index of axis 0, not 1")


def test_float_weights(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("MatMul", row(m), m.constant(np.ones((12, 5)), np.float32, name="w")))
    assert reason(m, tmp_path) == "weights 'w' are float32 and not quantised"


def test_weights_at_run_time(tmp_path: Path) -> None:
    m = QdqModel()
    weights = m.qdq(m.input("w", [12, 5]))
    finish(m, m.node("MatMul", row(m), weights))
    assert reason(m, tmp_path) == f"weights '{weights}' must be constant, known at build time"


def test_convolution_of_three_dimensions(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Conv", m.qdq(m.input("x", [1, 3, 9, 9, 9])), m.weights(2, 3, 3, 3, 3)))
    expected = "its input has dims (1, 3, 9, 9, 9); only [N, C, H, W] and [N, C, L] are supported"
    assert reason(m, tmp_path) == expected


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


def test_ceil_mode(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("AveragePool", image(m), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1))
    expected = "ceil_mode adds a window that reaches over the edge; export with ceil_mode=0"
    assert reason(m, tmp_path) == expected


def test_gemm_attributes(tmp_path: Path) -> None:
    for attributes, expected in (({"transA": 1}, "transA is 1"), ({"beta": 0.5}, "beta is 0.5, not 1")):
        m = QdqModel()
        finish(m, m.node("Gemm", row(m), m.weights(12, 5, axis=1), **attributes))
        assert reason(m, tmp_path) == expected


def test_add_of_a_constant(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Add", row(m), m.constant(1.0, np.float32, "one")))
    expected = "constant 'one' is float32 and not quantised; only a bias that is added to Conv, Gemm or MatMul may be"
    assert reason(m, tmp_path) == expected


def test_constants_of_elementwise_operators(tmp_path: Path) -> None:
    def of(name: str) -> str:
        m = QdqModel()
        values = m.constant(np.ones((1, 12)), np.int32 if name == "int32" else np.int8)
        scales, zeros = (np.full(12, 0.1), np.zeros(12)) if name == "axis" else (0.1, 0)
        m.node("DequantizeLinear", values, m.constant(scales, np.float32), m.constant(zeros, np.int8), output="c")
        finish(m, m.node("Mul", "c" if name == "both" else row(m), "c"))
        return reason(m, tmp_path)

    assert of("both") == "both of its inputs are constants"
    assert of("int32") == "constant 'c' is int32; only int8 is supported"
    assert of("axis") == "constant 'c' is quantised per axis"


@pytest.mark.parametrize(
    ("pads", "attributes", "value", "expected"),
    [
        ([0, 0, 1, 1, 0, 0, 1, 1], {"mode": "edge"}, 0, "mode is 'edge', not 'constant'"),
        ([0, 0, 1, 1, 0, 0, 1, 1], {}, 1.5, "it pads with 1.5; only 0, which stands for the real 0, is supported"),
        ([0, 1, 1, 1, 0, 0, 1, 1], {}, 0, "it pads the batch or the channels"),
        ([0, 0, 1, 1, 0, 0, -1, 1], {}, 0, "pads [0, 0, 1, 1, 0, 0, -1, 1] are negative"),
        ([1, 1], {}, 0, "pads [1, 1] do not fit 4 dimensions"),
    ],
)
def test_pads(tmp_path: Path, pads: list[int], attributes: dict[str, Any], value: float, expected: str) -> None:
    m = QdqModel()
    sides, fill = m.constant(pads, np.int64), m.constant(value, np.float32)
    finish(m, m.node("Pad", image(m), sides, fill, **attributes), 0.05, 3)
    assert reason(m, tmp_path) == expected


def test_pad_before_a_clamp_without_zero(tmp_path: Path) -> None:
    m = QdqModel()
    y = m.node("Conv", image(m), m.weights(3, 3, 1, 1))
    y = m.node("Pad", y, m.constant([0, 0, 1, 1, 0, 0, 1, 1], np.int64))
    finish(m, m.node("Clip", y, m.constant(1.0, np.float32), m.constant(6.0, np.float32)))
    assert reason(m, tmp_path) == "a clamp after it does not contain 0"


def test_pad_of_integers_with_another_code_than_the_zero_point(tmp_path: Path) -> None:
    m = QdqModel()
    y = m.node("Pad", m.input("x", [1, 3, 9, 8], INT8), m.constant([0, 0, 1, 1, 0, 0, 1, 1], np.int64))
    finish(m, m.node("Conv", m.dq(y, 0.05, 3), m.weights(3, 3, 3, 3)))
    assert reason(m, tmp_path) == "it pads with 0; only 3, which stands for the real 0, is supported"


def test_add_with_broadcast(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Add", row(m), row(m, 1, "second")))
    assert reason(m, tmp_path) == "dims (1, 12) and (1, 1) differ; broadcasting is not supported"


def test_mean_of_channels(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("ReduceMean", image(m), axes=[1]))
    assert reason(m, tmp_path) == (
        "it averages axes [1] of dims (1, 3, 9, 8); only height and width of [N, C, H, W] "
        "and length of [N, C, L] are supported"
    )


def test_scale_at_run_time(tmp_path: Path) -> None:
    m = QdqModel()
    m.input("s", [])
    m.output(m.node("QuantizeLinear", m.input("x", [1, 2]), "s", m.constant(0, np.int8)), INT8)
    assert reason(m, tmp_path) == "scale 's' must be constant, known at build time"


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


def test_clamp_after_sigmoid(tmp_path: Path) -> None:
    m = QdqModel()
    finish(m, m.node("Relu", m.node("Sigmoid", row(m))))
    expected = "a clamp after Sigmoid needs a QuantizeLinear and a DequantizeLinear before it"
    assert reason(m, tmp_path) == expected


def test_pool_indices(tmp_path: Path) -> None:
    m = QdqModel()
    x = image(m)
    m.nodes.append(helper.make_node("MaxPool", [x], ["y", "indices"], kernel_shape=[2, 2]))
    m.output("y", FLOAT)
    assert reason(m, tmp_path) == "output 'indices' is used"


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
    assert of({"axis": 1}, "integers") == "constant 'integers' is int64; the other inputs are quantised"
    assert of({"axis": 1}, "int8") == "input 'int8' is int8; a DequantizeLinear is missing before this node"
    assert of({"axis": 1}, "") == "input 1 is missing"
    assert of({"axis": 1}, "float") == (
        "input 'float' is float32 and not quantised; it needs a QuantizeLinear and a DequantizeLinear before this node"
    )


def test_a_concat_without_quantization(tmp_path: Path) -> None:
    m = QdqModel()
    m.output(m.node("Concat", row(m), m.qdq(m.node("Relu", row(m, 5, "second")), 0.3), axis=1, output="y"))
    expected = "it is float32 and not quantised; the operator that makes it needs a QuantizeLinear after it"
    assert problems(m, tmp_path) == [("output 'y' is not supported", expected)]


@pytest.mark.parametrize(
    ("opset", "sizes", "attributes", "expected"),
    [
        (17, [4, 4], {"axis": 2}, "axes [2] do not fit 2 dimensions"),
        (17, [4, 4], {"axis": 1}, "parts of [4, 4] do not make up axis 1 of dims (1, 12)"),
        (17, [12, 0], {"axis": 1}, "parts of [12, 0] do not make up axis 1 of dims (1, 12)"),
        (17, [4, 4, 4], {"axis": 1}, "it has 2 outputs and 3 sizes"),
        (17, None, {"axis": 0}, "a dimension of 1 does not fall into 2 equal parts"),
        (18, None, {"axis": 1, "num_outputs": 5}, "it has 2 outputs and 5 sizes"),
        (18, None, {"axis": 1, "num_outputs": 0}, "it has 2 outputs and 1 sizes"),
        (18, None, {"axis": 0, "num_outputs": 2}, "parts of [1, 0] do not make up axis 0 of dims (1, 12)"),
    ],
)
def test_splits(tmp_path: Path, opset: int, sizes: list[int] | None, attributes: dict[str, Any], expected: str) -> None:
    m = QdqModel(opset)
    given = () if sizes is None else (m.constant(sizes, np.int64),)
    first, _ = m.split(row(m), 2, *given, **attributes)
    finish(m, first)
    assert reason(m, tmp_path) == expected


def test_a_constant_split_along_the_axis_of_its_scales(tmp_path: Path) -> None:
    m = QdqModel()
    weights, _ = m.split(m.weights(12, 6, axis=1), 2, axis=1)
    finish(m, m.node("MatMul", row(m), weights))
    assert reason(m, tmp_path) == "a constant cannot be split along the axis of its scales"


@pytest.mark.parametrize(
    ("quantized", "lowest", "changes", "attributes", "expected"),
    [
        (
            True, -127, {}, {},
            "it is only supported directly behind Conv, Gemm or MatMul, before the result is quantised",
        ),
        (False, -127, {}, {"training_mode": 1}, "it is in training mode, or not by channel"),
        (
            False, -128, {}, {},
            "a channel is scaled by a negative number, and the negative of one of its weights is no int8",
        ),
        (False, -127, {0: [1e20, 1, 1]}, {}, "the weights would have a scale above 1e+09"),
        (False, -127, {3: [-1, 1, 1]}, {}, "variance 'numbers3' is not above 0"),
        (False, -127, {1: [np.nan, 1, 1]}, {}, "input 'numbers1' is not one finite number for each of 3 channels"),
        (False, -127, {2: [1, 1]}, {}, "input 'numbers2' is not one finite number for each of 3 channels"),
    ],
)  # fmt: skip
def test_batch_normalization(
    tmp_path: Path, quantized: bool, lowest: int, changes: dict[int, Any], attributes: dict[str, Any], expected: str
) -> None:
    m = QdqModel()
    y = m.node("Conv", image(m), m.dq(m.constant(np.full((3, 3, 1, 1), lowest), np.int8), 0.01))
    numbers = {0: [-1, 1, 1], 1: [0, 0, 0], 2: [0, 0, 0], 3: [1, 1, 1]} | changes
    constants = [m.constant(values, np.float32, f"numbers{i}") for i, values in numbers.items()]
    finish(m, m.node("BatchNormalization", m.qdq(y) if quantized else y, *constants, **attributes))
    assert reason(m, tmp_path) == expected


def test_batch_normalization_of_rows_of_features(tmp_path: Path) -> None:
    """The second dimension, which is normalised, is not the one of the features."""
    m = QdqModel()
    y = m.node("MatMul", m.qdq(m.input("x", [1, 4, 6])), m.weights(6, 4, axis=1))
    constants = [m.constant(np.ones(4), np.float32) for _ in range(4)]
    finish(m, m.node("BatchNormalization", y, *constants))
    expected = "it is only supported directly behind Conv, Gemm or MatMul, before the result is quantised"
    assert reason(m, tmp_path) == expected
