# SPDX-License-Identifier: Apache-2.0
"""Every operator that the importer knows, in generated models."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tflite_file import File, schema, small

from sconnx.errors import SconnxError
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.frontend.tflite.names import OPERATOR_NAMES, TYPE_NAMES
from sconnx.frontend.tflite.translate import TRANSLATORS
from sconnx.frontend.tflite.translate.window import padding_of
from sconnx.graph.json_form import graph_from_json, graph_to_json
from sconnx.graph.operator import (
    Activation,
    Add,
    AveragePooling2D,
    Concat,
    Conv2D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling2D,
    Mul,
    Pad2D,
    Relu,
    Relu6,
    Requantize,
    Reshape,
    Sigmoid,
    Softmax,
    Split,
    Sub,
    Tanh,
    Transpose,
    window_count,
)
from sconnx.passes.merge_pairs import merge_pairs
from sconnx.reference.execute import execute

POOL = {"padding": 1, "filterWidth": 2, "filterHeight": 3, "strideW": 2, "strideH": 1}


def one(tmp_path, file, inputs, outputs):
    """The single node of a model, its graph and its values."""
    file.graph.inputs, file.graph.outputs = inputs, outputs
    model = read_tflite(file.write(tmp_path), "net")
    assert len(model.graph.nodes) == 1
    assert graph_from_json(graph_to_json(model.graph)) == model.graph
    return model.graph.nodes[0], model


def test_tables_of_names():
    numbers = {value: key for key, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    assert tuple(numbers[number] for number in range(len(numbers))) == OPERATOR_NAMES
    types = {value: key.lower() for key, value in vars(schema.TensorType).items() if isinstance(value, int)}
    assert tuple(types[number] for number in range(len(types))) == TYPE_NAMES
    assert set(TRANSLATORS) <= set(OPERATOR_NAMES)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_conv_2d(tmp_path, groups):
    file = File()
    image = file.tensor("image", (1, 7, 9, 4), zero_point=3)
    weights = file.constant("w", np.ones((8, 3, 2, 4 // groups), np.int8), [0.5 + i for i in range(8)])
    bias = file.constant("b", np.arange(8, dtype=np.int32), [0.25] * 8, axis=3)
    output = file.tensor("out", (1, 4, 9, 8))
    options = {"strideH": 2, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 2}
    file.node("CONV_2D", [image, weights, bias], [output], "Conv2DOptions", fusedActivationFunction=3, **options)
    node, model = one(tmp_path, file, [image], [output])
    assert node.operator == Conv2D(
        kernel_dims=(3, 2),
        stride_dims=(2, 1),
        dilation_dims=(1, 2),
        padding=(1, 1, 1, 1),
        groups=groups,
        activation=Activation.RELU6,
    )
    x, w, b = node.inputs
    assert model.params.scale[w].tolist() == [0.5 + i for i in range(8)]
    assert model.graph.tensors[w].quantization.axis == 0
    assert model.params.value[b].tolist() == list(range(8))
    assert model.params.zero_point[x].tolist() == [3]


def test_depthwise_conv_2d(tmp_path):
    file = File()
    image = file.tensor("image", (1, 5, 5, 2))
    value = np.arange(2 * 3 * 6, dtype=np.int8).reshape(1, 2, 3, 6)
    weights = file.constant("w", value, [float(i + 1) for i in range(6)], axis=3)
    output = file.tensor("out", (1, 4, 3, 6))
    options = {"padding": 1, "strideH": 1, "strideW": 1, "depthMultiplier": 3, "fusedActivationFunction": 1}
    file.node("DEPTHWISE_CONV_2D", [image, weights], [output], "DepthwiseConv2DOptions", **options)
    node, model = one(tmp_path, file, [image], [output])
    assert node.operator == DepthwiseConv2D(kernel_dims=(2, 3), channel_multiplier=3, activation=Activation.RELU)
    assert node.inputs[2] is None
    np.testing.assert_array_equal(model.params.value[node.inputs[1]], value[0])
    assert model.graph.tensors[node.inputs[1]].quantization.axis == 2


@pytest.mark.parametrize(
    ("data", "output", "keep", "types"),
    [
        ((2, 6), (2, 5), False, ["FullyConnected"]),
        ((1, 2, 3), (1, 5), False, ["Reshape", "FullyConnected"]),
        ((2, 3, 6), (6, 5), False, ["Reshape", "FullyConnected"]),
        ((2, 3, 6), (2, 3, 5), True, ["FullyConnected"]),
        ((1, 6), (1, 1, 5), False, ["FullyConnected", "Reshape"]),
        ((6,), (1, 5), False, ["Reshape", "FullyConnected"]),
    ],
)
def test_fully_connected(tmp_path, data, output, keep, types):
    file = File()
    x, y = file.tensor("x", data, scale=[0.25], zero_point=-7), file.tensor("y", output)
    weights = file.constant("w", np.ones((5, 6), np.int8))
    options = {"keepNumDims": keep, "fusedActivationFunction": 2}
    file.node("FULLY_CONNECTED", [x, weights, -1], [y], "FullyConnectedOptions", **options)
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = read_tflite(file.write(tmp_path), "net")
    graph = model.graph
    assert [node.type for node in graph.nodes] == types
    assert {(node.name, node.source_index) for node in graph.nodes} == {("y", 0)}
    dense = next(node for node in graph.nodes if node.type == "FullyConnected")
    assert dense.operator == FullyConnected(activation=Activation.RELU_N1_TO_1)
    assert model.params.zero_point[dense.inputs[0]].tolist() == [-7]
    assert graph.tensors[graph.outputs[0]].dims == output


@pytest.mark.parametrize(("operator", "cls"), [("AVERAGE_POOL_2D", AveragePooling2D), ("MAX_POOL_2D", MaxPooling2D)])
def test_pooling(tmp_path, operator, cls):
    file = File()
    x, y = file.tensor("x", (1, 5, 6, 2)), file.tensor("y", (1, 3, 3, 2))
    file.node(operator, [x], [y], "Pool2DOptions", **POOL)
    node, _ = one(tmp_path, file, [x], [y])
    assert node.operator == cls(kernel_dims=(3, 2), stride_dims=(1, 2))


@pytest.mark.parametrize(("name", "expected"), [("ADD", Add), ("SUB", Sub), ("MUL", Mul)])
def test_binary(tmp_path, name, expected):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y", (1, 4))
    constant = file.constant("c", np.arange(4, dtype=np.int8).reshape(1, 4))
    file.node(name, [x, constant], [y], f"{name.title()}Options", fusedActivationFunction=1)
    node, model = one(tmp_path, file, [x], [y])
    assert node.operator == expected(activation=Activation.RELU)
    assert model.params.value[node.inputs[1]].tolist() == [[0, 1, 2, 3]]


SIDES = [[0, 0], [1, 2], [3, 4], [0, 0]]


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_pad(tmp_path, dtype):
    file = File()
    x, y = file.tensor("x", (1, 5, 6, 2), zero_point=7), file.tensor("y", (1, 8, 13, 2), zero_point=7)
    file.node("PAD", [x, file.constant("sides", np.array(SIDES, dtype), [])], [y], "PadOptions")
    node, _ = one(tmp_path, file, [x], [y])
    assert node.operator == Pad2D(padding=(1, 3, 2, 4))
    assert len(node.inputs) == 1


def test_a_causal_convolution_of_a_sequence(tmp_path):
    """Keras pads the sequence, makes an image of it, and a sequence again of the result; the values are from a direct sum."""
    file, rng = File(), np.random.default_rng(2)
    x, padded = file.tensor("x", (1, 6, 2), zero_point=7), file.tensor("padded", (1, 8, 2), zero_point=7)
    image, sums, y = (
        file.tensor("image", (1, 1, 8, 2), zero_point=7),
        file.tensor("sums", (1, 1, 6, 3)),
        file.tensor("y", (1, 6, 3)),
    )
    values = rng.integers(-5, 6, (3, 1, 3, 2)).astype(np.int8)
    file.node(
        "PAD", [x, file.constant("sides", np.array([[0, 0], [2, 0], [0, 0]], np.int32), [])], [padded], "PadOptions"
    )
    file.node("EXPAND_DIMS", [padded, file.constant("axis", np.array(1, np.int32), [])], [image], "ExpandDimsOptions")
    weights = [file.constant("w", values, [1.0] * 3), file.constant("b", np.zeros(3, np.int32), [0.5] * 3)]
    file.node("CONV_2D", [image, *weights], [sums], "Conv2DOptions", padding=1, strideW=1, strideH=1)
    file.node("SQUEEZE", [sums], [y], "SqueezeOptions", squeezeDims=[1])
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = read_tflite(file.write(tmp_path), "net")
    assert [node.type for node in model.graph.nodes] == ["Reshape", "Pad2D", "Reshape", "Reshape", "Conv2D", "Reshape"]
    merged = merge_pairs(model)
    assert [node.type for node in merged.graph.nodes] == ["Reshape", "Pad2D", "Conv2D", "Reshape"]
    given = rng.integers(-9, 10, (1, 6, 2)).astype(np.int8)
    expected = [
        [sum(((given[0, t + k - 2] - 7.0) * values[o, 0, k]).sum() for k in range(3) if t + k >= 2) for o in range(3)]
        for t in range(6)
    ]
    for each in (model, merged):
        (result,) = (execute(each, [given])[index] for index in each.graph.outputs)
        np.testing.assert_array_equal(result[0], np.clip(expected, -128, 127))


@pytest.mark.parametrize("dims", [(), (1,)])
def test_pad_with_the_zero_point(tmp_path, dims):
    file = File()
    x, y = file.tensor("x", (1, 5, 6, 2), zero_point=7), file.tensor("y", (1, 8, 13, 2), zero_point=7)
    sides, value = file.constant("sides", np.array(SIDES, np.int32), []), np.full(dims, 7, np.int8)
    file.node("PADV2", [x, sides, file.constant("value", value)], [y], "PadV2Options")
    node, _ = one(tmp_path, file, [x], [y])
    assert node.operator == Pad2D(padding=(1, 3, 2, 4))


@pytest.mark.parametrize(
    ("sides", "value", "dtype", "why"),
    [
        (
            [[0, 0], [1, 2], [3, -4], [0, 0]],
            7,
            np.int32,
            "the padding is [[0, 0], [1, 2], [3, -4], [0, 0]] for the dims",
        ),
        ([[0, 0], [1, 2], [3, 4]], 7, np.int32, "the padding is [[0, 0], [1, 2], [3, 4]] for the dims [1, 5, 6, 2]"),
        ([[0, 0, 0, 0]], 7, np.int32, "input 1 has the dims [1, 4]; two columns are supported"),
        (SIDES, [7, 7], np.int32, "input 2 has 2 elements; one is supported"),
        (SIDES, 7, np.int16, "input 1 is int16; sconnx imports int32 and int64"),
    ],
)
def test_pads_that_are_not_supported(tmp_path, sides, value, dtype, why):
    file = File()
    x, y = file.tensor("x", (1, 5, 6, 2), zero_point=7), file.tensor("y", (1, 8, 13, 2), zero_point=7)
    inputs = [x, file.constant("sides", np.array(sides, dtype), []), file.constant("value", np.array(value, np.int8))]
    file.node("PADV2", inputs, [y], "PadV2Options")
    file.graph.inputs, file.graph.outputs = [x], [y]
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert raised.value.what == "node 0 'y': operator PADV2 version 1 is not supported"
    assert raised.value.why.startswith(why)


@pytest.mark.parametrize(
    ("operator", "expected", "scale", "zero_point"),
    [
        ("RELU", Relu(), 0.25, -128),
        ("RELU6", Relu6(), 0.25, -128),
        ("QUANTIZE", Requantize(), 0.75, 5),
        ("LOGISTIC", Sigmoid(), 1 / 256, -128),
        ("TANH", Tanh(), 1 / 128, 0),
        ("SOFTMAX", Softmax(beta=0.5), 1 / 256, -128),
    ],
)
def test_elementwise(tmp_path, operator, expected, scale, zero_point):
    file = File()
    x, y = file.tensor("x", (1, 4)), file.tensor("y", (1, 4), scale=[scale], zero_point=zero_point)
    if operator == "SOFTMAX":
        file.node(operator, [x], [y], "SoftmaxOptions", beta=0.5)
    else:
        file.node(operator, [x], [y])
    node, model = one(tmp_path, file, [x], [y])
    assert node.operator == expected
    assert model.params.scale[node.outputs[0]].tolist() == [scale]


@pytest.mark.parametrize("operator", ["RESHAPE", "SQUEEZE", "EXPAND_DIMS"])
def test_reshape(tmp_path, operator):
    file = File()
    x, y = file.tensor("x", (1, 2, 1, 6)), file.tensor("y", (2, 6))
    dims = file.constant("dims", np.array([-1, 6], np.int32), [])
    file.node(operator, [x, dims], [y])
    node, model = one(tmp_path, file, [x], [y])
    assert node.operator == Reshape(dims=(2, 6))
    assert len(model.graph.tensors) == 2


def test_reshape_whose_dims_are_computed(tmp_path):
    """Keras writes SHAPE, STRIDED_SLICE and PACK for a free batch dimension: no output needs them here."""
    file = File()
    x, y = file.tensor("x", (1, 2, 3)), file.tensor("y", (1, 6))
    dims = file.tensor("dims", (2,), "int32", [])
    file.node("SHAPE", [x], [dims])
    file.node("RESHAPE", [x, dims], [y])
    file.graph.tensors[y].shapeSignature = [-1, 6]
    node, _ = one(tmp_path, file, [x], [y])
    assert (node.type, node.source_index) == ("Reshape", 1)


def test_transpose(tmp_path):
    file = File()
    x, y = file.tensor("x", (2, 3, 4)), file.tensor("y", (4, 2, 3))
    file.node("TRANSPOSE", [x, file.constant("p", np.array([2, 0, 1], np.int32), [])], [y])
    node, _ = one(tmp_path, file, [x], [y])
    assert node.operator == Transpose(permutation=(2, 0, 1))
    assert len(node.inputs) == 1


def test_data_beside_the_flatbuffer(tmp_path):
    """Large models keep constants at an offset in the file instead of in the buffer's table."""
    file = small()
    plain = read_tflite(file.write(tmp_path), "net")
    data = [buffer.data for buffer in file.model.buffers[1:]]
    for buffer in file.model.buffers[1:]:
        buffer.data, buffer.offset, buffer.size = None, 2**20, 1
    length = len(file.pack())
    for buffer, item in zip(file.model.buffers[1:], data, strict=True):
        buffer.offset, buffer.size = length, item.size
        length += item.size
    path = tmp_path / "large.tflite"
    path.write_bytes(file.pack() + b"".join(item.tobytes() for item in data))
    large = read_tflite(path, "net")
    assert large.graph == plain.graph
    assert large.params.to_npz() == plain.params.to_npz()


def test_leading_minus_one_is_one(tmp_path):
    file = small()
    for tensor in file.graph.tensors:
        if tensor.name in ("image", "features", "pooled", "scores"):
            tensor.shapeSignature = [-1, *tensor.shape[1:]]
            tensor.shape[0] = -1
    assert read_tflite(file.write(tmp_path), "net").graph == read_tflite(small().write(tmp_path), "net").graph


HOSTILE = ["'\"`", "line\nbreak\r", "*/ /*", "x" * 300, "", "\u202e\x1b[31m", "{{ 7*7 }}", "../../etc"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_kept_and_printed_safely(tmp_path, name):
    file = small()
    for tensor in file.graph.tensors:
        tensor.name = name
    graph = read_tflite(file.write(tmp_path), "net").graph
    assert {tensor.name for tensor in graph.tensors} == {name}
    assert {node.name for node in graph.nodes} == {name}
    assert graph_from_json(graph_to_json(graph)) == graph
    file.model.operatorCodes[2].builtinCode = 32
    file.model.operatorCodes[2].deprecatedBuiltinCode = 32
    file.model.operatorCodes[2].customCode = name
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert raised.value.what.isprintable()
    assert len(raised.value.what) < 80 + 80 + 60


def test_names_that_are_no_utf8(tmp_path):
    file = small()
    file.graph.tensors[0].name = b"caf\xe9"
    graph = read_tflite(file.write(tmp_path), "net").graph
    assert graph.tensors[graph.inputs[0]].name == "caf\ufffd"


@given(size=st.integers(1, 40), kernel=st.integers(1, 9), stride=st.integers(1, 9), dilation=st.integers(1, 4))
def test_same_padding_is_the_least_that_gives_every_window(size, kernel, stride, dilation):
    image = SimpleNamespace(dims=(1, size, size, 1))
    top, left, bottom, right = padding_of(0, image, (kernel, kernel), (stride, stride), (dilation, dilation))
    assert (top, bottom) == (left, right)
    assert bottom - top in (0, 1)
    wanted = len(range(0, size, stride))
    assert window_count(size, kernel, stride, dilation, top, bottom) == wanted
    if bottom:
        assert window_count(size, kernel, stride, dilation, top, bottom - 1) < wanted


@pytest.mark.parametrize("axis", [2, -2])
def test_concatenation(tmp_path, axis):
    file = File()
    x, y = file.tensor("x", (1, 3, 2, 4), zero_point=7), file.tensor("y", (1, 3, 6, 4), zero_point=7)
    constant = file.tensor("c", (1, 3, 1, 4), zero_point=7, value=np.arange(12, dtype=np.int8))
    file.node("CONCATENATION", [x, constant, x, constant], [y], "ConcatenationOptions", axis=axis)
    node, model = one(tmp_path, file, [x], [y])
    assert node.operator == Concat(axis=2)
    assert node.inputs == (0, 1, 0, 1)
    assert model.params.value[1].reshape(-1).tolist() == list(range(12))


PARTS = [(1, 3, 2, 4), (1, 3, 3, 4), (1, 3, 1, 4)]


@pytest.mark.parametrize(("sizes", "axis"), [([2, 3, 1], 2), ([2, -1, 1], -2)])
def test_split_v(tmp_path, sizes, axis):
    file = File()
    x = file.tensor("x", (1, 3, 6, 4))
    parts = [file.tensor(name, dims) for name, dims in zip("abc", PARTS, strict=True)]
    operands = [
        file.constant("sizes", np.array(sizes, np.int32), []),
        file.constant("axis", np.array(axis, np.int32), []),
    ]
    file.node("SPLIT_V", [x, *operands], parts, "SplitVOptions", numSplits=3)
    node, model = one(tmp_path, file, [x], [parts[2], parts[0]])
    assert node.operator == Split(axis=2, sizes=(2, 3, 1))
    assert [model.graph.tensors[index].dims for index in node.outputs] == PARTS
    assert [model.graph.tensors[index].name for index in model.graph.outputs] == ["c", "a"]
    assert model.params.scale[node.outputs[1]].tolist() == [0.5]


def test_split(tmp_path):
    file = File()
    x = file.tensor("x", (2, 6))
    parts = [file.tensor(name, (2, 2)) for name in "abc"]
    file.node("SPLIT", [file.constant("axis", np.array([1], np.int32), []), x], parts, "SplitOptions", numSplits=3)
    node, _ = one(tmp_path, file, [x], parts)
    assert node.operator == Split(axis=1, sizes=(2, 2, 2))


def why(tmp_path, file, inputs, outputs):
    """The reason why a model is refused."""
    file.graph.inputs, file.graph.outputs = inputs, outputs
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    assert raised.value.code == "E201"
    return raised.value.why


@pytest.mark.parametrize(
    ("output", "zero_point", "options", "expected"),
    [
        ((1, 4), 0, {"fusedActivationFunction": 3}, "fused activation RELU6"),
        ((1, 4), 0, {"fusedActivationFunction": 4}, "fused activation TANH"),
        ((1, 4), 1, {}, "the quantisation of input 0 differs from that of its output"),
        ((1, 4), 0, {"axis": 2}, "axis 2 does not fit the dims [1, 4]"),
        ((1, 4), 0, {"axis": 0}, "output 0 has the dims [1, 4]; [2, 2] follow from the inputs"),
        ((1, 3), 0, {}, "output 0 has the dims [1, 3]; [1, 4] follow from the inputs"),
    ],
)
def test_concatenations_that_are_not_supported(tmp_path, output, zero_point, options, expected):
    file = File()
    x, y = file.tensor("x", (1, 2)), file.tensor("y", output, zero_point=zero_point)
    file.node("CONCATENATION", [x, x], [y], "ConcatenationOptions", **{"axis": 1, **options})
    assert why(tmp_path, file, [x], [y]) == expected


def test_a_concatenation_of_nothing_and_of_dims_that_differ(tmp_path):
    file = File()
    x, y = file.tensor("x", (1, 2)), file.tensor("y", (1, 4))
    file.node("CONCATENATION", [], [y], "ConcatenationOptions", axis=1)
    assert why(tmp_path, file, [x], [y]) == "it has no input 0"
    file = File()
    x, other, y = file.tensor("x", (1, 2)), file.tensor("other", (2, 2)), file.tensor("y", (1, 4))
    file.node("CONCATENATION", [x, other], [y], "ConcatenationOptions", axis=1)
    assert why(tmp_path, file, [x, other], [y]) == "dims (1, 2) and (2, 2) do not fit each other along axis 1"


@pytest.mark.parametrize(
    ("sizes", "axis", "zero_point", "expected"),
    [
        ([3, 2], 1, 0, "parts of [3, 2] do not make up axis 1 of dims (2, 6)"),
        ([6, 0], 1, 0, "parts of [6, 0] do not make up axis 1 of dims (2, 6)"),
        ([-1, -1], 1, 0, "parts of [-1, -1] do not make up axis 1 of dims (2, 6)"),
        ([7, -1], 1, 0, "parts of [7, -1] do not make up axis 1 of dims (2, 6)"),
        ([2, 2, 2], 1, 0, "it has 2 outputs and 3 sizes"),
        ([3, 3], 1, 9, "the quantisation of its output differs from that of its input"),
        ([3, 3], -3, 0, "axis -3 does not fit the dims [2, 6]"),
        ([2, 4], 1, 0, "output 0 has the dims [2, 3]; [2, 2] follow from the inputs"),
    ],
)
def test_splits_that_are_not_supported(tmp_path, sizes, axis, zero_point, expected):
    file = File()
    x, a, b = file.tensor("x", (2, 6)), file.tensor("a", (2, 3)), file.tensor("b", (2, 3), zero_point=zero_point)
    operands = [
        file.constant("sizes", np.array(sizes, np.int32), []),
        file.constant("axis", np.array(axis, np.int32), []),
    ]
    file.node("SPLIT_V", [x, *operands], [a, b], "SplitVOptions")
    assert why(tmp_path, file, [x], [a, b]) == expected


def test_a_split_into_parts_that_are_not_equal(tmp_path):
    file = File()
    x, parts = file.tensor("x", (2, 7)), [file.tensor(name, (2, 2)) for name in "abc"]
    file.node("SPLIT", [file.constant("axis", np.array(1, np.int32), []), x], parts, "SplitOptions")
    assert why(tmp_path, file, [x], parts) == "axis 1 of dims [2, 7] does not fall into 3 equal parts"
    file.graph.operators[0].outputs = []
    assert why(tmp_path, file, [x], [x]) == "it has 0 outputs"
