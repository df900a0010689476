# SPDX-License-Identifier: Apache-2.0
"""Models with tensors of several types, and with shapes that are computed; against tflite-micro where it runs them."""

from __future__ import annotations

import numpy as np
import pytest
from tflite_file import File

from sconnx.errors import ErrorGroup, SconnxError
from sconnx.frontend.tflite.importer import read_tflite
from sconnx.graph.tensor import DType
from sconnx.reference.execute import execute

lite = pytest.importorskip("ai_edge_litert.interpreter")
runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")

RANDOM = np.random.default_rng(8)
NOT_HYBRID = "convert the model with full integer quantisation (a representative dataset), or without quantisation"


def tflite_micro(file, inputs):
    interpreter = runtime.Interpreter.from_bytes(file.pack(), arena_size=1 << 20)
    for position, value in enumerate(inputs):
        interpreter.set_input(value, position)
    interpreter.invoke()
    return [interpreter.get_output(i).copy() for i in range(len(file.graph.outputs))]


def litert(file, inputs):
    interpreter = lite.Interpreter(
        model_content=file.pack(), num_threads=1, experimental_op_resolver_type=lite.OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    for details, value in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(details["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]


def check(tmp_path, file, inputs, engine=tflite_micro):
    """The imported model computes what an engine computes; the model."""
    model = read_tflite(file.write(tmp_path), "net")
    values = {**dict(zip(model.graph.inputs, inputs, strict=True)), **execute(model, inputs)}
    for index, expected in zip(model.graph.outputs, engine(file, inputs), strict=True):
        assert values[index].dtype == expected.dtype
        if expected.dtype == np.float32:
            np.testing.assert_allclose(values[index], expected, rtol=1e-5, atol=1e-6)
        else:
            np.testing.assert_array_equal(values[index], expected)
    return model


def float32(file, name, *dims):
    return file.tensor(name, dims, "float32", [])


def normal(*dims):
    return RANDOM.normal(0, 1, dims).astype(np.float32)


def layer(file, x, scale):
    """A fully connected layer of int8 with 3 units, of float32 if there is no scale."""
    if scale is None:
        y, values = float32(file, "dense", 1, 3), [normal(3, 4), normal(3)]
        scales = [[], []]
    else:
        y = file.tensor("dense", (1, 3), scale=[scale], zero_point=4)
        values = [RANDOM.integers(-127, 128, (3, 4)).astype(np.int8), RANDOM.integers(-99, 99, 3).astype(np.int32)]
        scales = [[0.01], [0.01 * 0.0625]]
    weights = [file.constant(f"w{i}", value, s) for i, (value, s) in enumerate(zip(values, scales, strict=True))]
    file.node("FULLY_CONNECTED", [x, *weights], [y], "FullyConnectedOptions")
    return y


def test_an_int8_body_and_a_float32_branch_with_outputs_of_three_types(tmp_path):
    file = File()
    x = float32(file, "x", 1, 4)
    code = file.tensor("code", (1, 4), scale=[0.0625], zero_point=-3)
    file.node("QUANTIZE", [x], [code], "QuantizeOptions")
    dense = layer(file, code, 0.02)
    real, port = float32(file, "real", 1, 3), file.tensor("port", (1, 3), "uint8", [0.02], 132)
    file.node("DEQUANTIZE", [dense], [real], "DequantizeOptions")
    file.node("QUANTIZE", [dense], [port], "QuantizeOptions")
    index = file.tensor("index", (1,), "int32", [])
    axis = file.constant("axis", np.array(1, np.int32), [])
    file.node("ARG_MAX", [dense, axis], [index], "ArgMaxOptions", outputType=2)
    branch, y = layer(file, x, None), float32(file, "y", 1, 3)
    file.node("ADD", [branch, real], [y], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y, port, index]
    model = check(tmp_path, file, [normal(1, 4)])
    graph = model.graph
    assert [graph.tensors[output].dtype for output in graph.outputs] == [DType.FLOAT32, DType.UINT8, DType.INT32]
    assert [node.type for node in graph.nodes] == [
        *("Quantize", "FullyConnected", "Dequantize", "Requantize", "ArgMax", "FullyConnected", "Add")
    ]


def test_inputs_of_several_types(tmp_path):
    file = File()
    a, b = file.tensor("a", (2, 3), "int32", []), file.tensor("b", (2, 3), "int32", [])
    x, y = float32(file, "x", 2, 3), float32(file, "y", 2, 3)
    larger, z = file.tensor("larger", (2, 3), "bool", []), float32(file, "z", 2, 3)
    file.node("GREATER", [a, b], [larger], "GreaterOptions")
    file.node("SELECT_V2", [larger, x, y], [z], "SelectV2Options")
    file.graph.inputs, file.graph.outputs = [a, b, x, y], [z, larger]
    integers = [RANDOM.integers(-9, 9, (2, 3)).astype(np.int32) for _ in range(2)]
    check(tmp_path, file, [*integers, normal(2, 3), normal(2, 3)])


def test_scalars(tmp_path):
    file = File()
    x, y = float32(file, "x"), float32(file, "y", 2)
    file.node("ADD", [x, file.constant("c", np.array([1.5, -2.5], np.float32), [])], [y], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    check(tmp_path, file, [np.array(0.25, np.float32)])


def test_shape_arithmetic_is_folded(tmp_path):
    """As Keras writes a reshape of a free batch, and a tensor of zeros of its size."""
    file = File()
    x, y = float32(file, "x", 2, 3, 2), float32(file, "y", 2, 6)

    def integers(name, *values):
        return file.constant(name, np.array(values, np.int32), [])

    def vector(name, count):
        return file.tensor(name, (count,) if count else (), "int32", [])

    dims, batch, both, zeros, kept = (
        vector("dims", 3),
        vector("batch", 0),
        vector("both", 2),
        float32(file, "zeros", 2, 6),
        y,
    )
    file.node("SHAPE", [x], [dims], "ShapeOptions", outType=2)
    cut = [integers("b", 0), integers("e", 1), integers("s", 1)]
    file.node("STRIDED_SLICE", [dims, *cut], [batch], "StridedSliceOptions", shrinkAxisMask=1)
    six = file.constant("six", np.array(6, np.int32), [])
    file.node("PACK", [batch, six], [both], "PackOptions", valuesCount=2, axis=0)
    flat = float32(file, "flat", 2, 6)
    file.node("RESHAPE", [x, both], [flat])
    file.node("FILL", [both, file.constant("zero", np.array(0.5, np.float32), [])], [zeros], "FillOptions")
    file.node("ADD", [flat, zeros], [kept], "AddOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = check(tmp_path, file, [normal(2, 3, 2)], litert)
    assert [node.type for node in model.graph.nodes] == ["Reshape", "Add"]
    assert [model.graph.tensors[index].name for index in model.graph.constants] == ["zeros"]


def test_ranges_and_dims_of_a_broadcast(tmp_path):
    file = File()
    x, line, sums, y = (
        float32(file, "x", 3),
        float32(file, "line", 3),
        float32(file, "sums", 3),
        float32(file, "y", 2, 3),
    )
    bounds = [file.constant(f"b{i}", np.array(value, np.float32), []) for i, value in enumerate((1.5, -4.5, -2.0))]
    file.node("RANGE", bounds, [line], "RangeOptions")
    file.node("ADD", [x, line], [sums], "AddOptions")
    dims = [file.constant(name, np.array(value, np.int32), []) for name, value in (("d", [2, 1]), ("e", [3]))]
    both = file.tensor("both", (2,), "int32", [])
    file.node("BROADCAST_ARGS", dims, [both])
    file.node("BROADCAST_TO", [sums, both], [y], "BroadcastToOptions", version=2)
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = check(tmp_path, file, [normal(3)], litert)
    assert [node.type for node in model.graph.nodes] == ["Add", "BroadcastTo"]
    (constant,) = model.graph.constants
    assert model.params.value[constant].tolist() == [1.5, -0.5, -2.5]


@pytest.mark.parametrize("explicit", [False, True])
def test_weights_in_float16_are_read_as_float32(tmp_path, explicit):
    file = File()
    x, y = float32(file, "x", 1, 4), float32(file, "y", 1, 3)
    values = normal(3, 4).astype(np.float16)
    weights = file.constant("w", values, [])
    if explicit:
        real = float32(file, "real", 3, 4)
        file.node("DEQUANTIZE", [weights], [real], "DequantizeOptions")
        weights = real
    file.node("FULLY_CONNECTED", [x, weights, -1], [y], "FullyConnectedOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = read_tflite(file.write(tmp_path), "net")
    given = normal(1, 4)
    (result,) = execute(model, [given]).values()
    np.testing.assert_allclose(result, given @ values.astype(np.float32).T, rtol=1e-5, atol=1e-6)


def test_weights_that_are_dequantised_are_constants(tmp_path):
    file = File()
    x, y, real = float32(file, "x", 1, 4), float32(file, "y", 1, 3), float32(file, "real", 3, 4)
    values = RANDOM.integers(-127, 128, (3, 4)).astype(np.int8)
    file.node("DEQUANTIZE", [file.constant("w", values, [0.25])], [real], "DequantizeOptions")
    file.node("FULLY_CONNECTED", [x, real, -1], [y], "FullyConnectedOptions")
    file.graph.inputs, file.graph.outputs = [x], [y]
    model = read_tflite(file.write(tmp_path), "net")
    assert [node.type for node in model.graph.nodes] == ["FullyConnected"]
    (constant,) = model.graph.constants
    np.testing.assert_array_equal(model.params.value[constant], values * np.float32(0.25))


def test_a_hybrid_model_is_refused_with_every_reason_and_the_way_out_once(tmp_path):
    """Dynamic range quantisation: float32 activations, int8 weights in convolutions and matrices."""
    file = File()
    image = float32(file, "image", 1, 4, 4, 2)
    features, deep, y = (
        float32(file, "features", 1, 4, 4, 3),
        float32(file, "deep", 1, 4, 4, 3),
        float32(file, "y", 1, 5),
    )
    kernel = file.constant("kernel", np.ones((3, 1, 1, 2), np.int8), [0.1] * 3)
    depth = file.constant("depth", np.ones((1, 3, 3, 3), np.int8), [0.1] * 3, axis=3)
    dense = file.constant("dense", np.ones((5, 48), np.int8), [0.1])
    file.node("CONV_2D", [image, kernel], [features], "Conv2DOptions", strideW=1, strideH=1)
    options = {"strideW": 1, "strideH": 1, "depthMultiplier": 1}
    file.node("DEPTHWISE_CONV_2D", [features, depth], [deep], "DepthwiseConv2DOptions", **options)
    file.node("FULLY_CONNECTED", [deep, dense, -1], [y], "FullyConnectedOptions")
    file.graph.inputs, file.graph.outputs = [image], [y]
    with pytest.raises(ErrorGroup) as raised:
        read_tflite(file.write(tmp_path), "net")
    errors = raised.value.errors
    assert [error.what.split(" is not")[0] for error in errors] == [
        "node 0 'features': operator CONV_2D version 1",
        "node 1 'deep': operator DEPTHWISE_CONV_2D version 1",
        "node 2 'y': operator FULLY_CONNECTED version 1",
    ]
    assert {error.why for error in errors} == {"hybrid: float activations with int8 weights"}
    assert [error.help for error in errors] == ["", "", NOT_HYBRID]


@pytest.mark.parametrize(("dims", "padded"), [((1, 3, 2, 2), (1, 5, 3, 2)), ((1, 4, 2), (1, 6, 2))])
def test_images_and_sequences_of_float32_are_padded(tmp_path, dims, padded):
    """As a causal convolution of Keras is; of integers that stand for no real numbers, too."""
    for dtype in ("float32", "int32"):
        file = File()
        x, y = file.tensor("x", dims, dtype, []), file.tensor("y", padded, dtype, [])
        sides = np.array([(after - before, 0) for before, after in zip(dims, padded, strict=True)], np.int32)
        file.node("PAD", [x, file.constant("sides", sides, [])], [y], "PadOptions")
        file.graph.inputs, file.graph.outputs = [x], [y]
        model = check(tmp_path, file, [RANDOM.integers(-9, 10, dims).astype(dtype)])
        assert "Pad2D" in [node.type for node in model.graph.nodes]


def wrong(operator, inputs, output, options="", **fields):
    file = File()
    tensors = [
        file.constant(f"c{i}", x, []) if isinstance(x, np.ndarray) else file.tensor(f"x{i}", *x)
        for i, x in enumerate(inputs)
    ]
    y = file.tensor("y", *output)
    file.node(operator, tensors, [y], options, **fields)
    file.graph.inputs = [index for index, x in zip(tensors, inputs, strict=True) if not isinstance(x, np.ndarray)]
    file.graph.outputs = [y]
    return file


INT8, FLOAT = ((1, 4),), ((1, 4), "float32", [])
IMAGE = ((1, 4, 4, 4),)
WRONG = {
    "types": (
        wrong("ADD", [INT8, FLOAT], INT8, "AddOptions"),
        "its inputs and outputs are float32 and int8; they must be of one type",
    ),
    "comparison": (wrong("LESS", [FLOAT, FLOAT], FLOAT, "LessOptions"), "its output is float32, not bool"),
    "condition": (wrong("SELECT_V2", [FLOAT, FLOAT, FLOAT], FLOAT), "input 0 is float32, not bool"),
    "extreme": (
        wrong("MAXIMUM", [INT8, ((1, 4), "int8", [0.25])], INT8),
        "the quantisation of input 1 differs from that of its output",
    ),
    "three": (wrong("ADD_N", [INT8] * 3, INT8), "it adds 3 quantised tensors; two with zero point 0 are supported"),
    "index": (
        wrong("ARG_MAX", [FLOAT, np.array(1, np.int32)], ((1,), "float32", [])),
        "its output is float32, not int32 or int64",
    ),
    "quantise": (wrong("QUANTIZE", [FLOAT], FLOAT), "its output is float32 without quantisation"),
    "dequantise": (wrong("DEQUANTIZE", [FLOAT], FLOAT), "input 0 is float32 without quantisation"),
    "cast": (wrong("CAST", [INT8], FLOAT), "input 0 is quantised int8"),
    "mode": (
        wrong("MIRROR_PAD", [FLOAT, np.zeros((2, 2), np.int32)], FLOAT, "MirrorPadOptions", mode=2),
        "mode 2 is neither REFLECT nor SYMMETRIC",
    ),
    "mirror": (
        wrong("MIRROR_PAD", [FLOAT, np.array([[0, 0], [4, 0]], np.int32)], ((1, 8), "float32", []), "MirrorPadOptions"),
        "pads (0, 4) and (0, 0) are larger than dims (1, 4) can mirror",
    ),
    "mask": (
        wrong(
            "STRIDED_SLICE",
            [FLOAT, *[np.zeros(2, np.int32)] * 2, np.ones(2, np.int32)],
            FLOAT,
            "StridedSliceOptions",
            ellipsisMask=1,
        ),
        "it has an ellipsis mask, a new axis mask, or ends that count from the beginnings",
    ),
    "step": (
        wrong("STRIDED_SLICE", [FLOAT, *[np.zeros(2, np.int32)] * 3], FLOAT, "StridedSliceOptions"),
        "it goes from [0, 0] to [0, 0] by [0, 0] in dims [1, 4]",
    ),
    "slice": (
        wrong("SLICE", [FLOAT, np.array([0], np.int32), np.array([1], np.int32)], FLOAT),
        "it begins at [0] with sizes [1] in dims [1, 4]",
    ),
    "block": (
        wrong("SPACE_TO_DEPTH", [IMAGE], IMAGE, "SpaceToDepthOptions", blockSize=3),
        "blocks of 3 by 3 do not divide the dims [1, 4, 4, 4]",
    ),
    "no block": (wrong("DEPTH_TO_SPACE", [IMAGE], IMAGE, "DepthToSpaceOptions"), "blocks of 0 by 0"),
    "parts": (
        wrong("UNPACK", [FLOAT], ((4,), "float32", []), "UnpackOptions", axis=1),
        "it has 1 outputs; axis 1 of dims [1, 4] has 4",
    ),
    "resize": (
        wrong(
            "RESIZE_BILINEAR",
            [IMAGE, np.array([4, 4], np.int32)],
            IMAGE,
            "ResizeBilinearOptions",
            alignCorners=True,
            halfPixelCenters=True,
        ),
        "both align_corners and half_pixel_centers",
    ),
    "tile": (
        wrong("TILE", [FLOAT, np.array([1], np.int32)], ((4,), "float32", [])),
        "output 0 has the dims [4]; input 0 has [1, 4]",
    ),
    "log softmax": (wrong("LOG_SOFTMAX", [INT8], INT8), "its output must have scale 1/16 and zero point 127"),
    "softmax": (
        wrong("SOFTMAX", [((1, 4), "uint8")], ((1, 4), "uint8"), "SoftmaxOptions", beta=1.0),
        "its output is quantised uint8; int8 and int16 are supported",
    ),
    "product": (
        wrong("BATCH_MATMUL", [FLOAT, ((4, 3),)], ((1, 3), "float32", []), "BatchMatMulOptions"),
        "hybrid: a product of float32 and int8",
    ),
    "zero point": (
        wrong("ABS", [((1, 4), "int16", [0.5], 3)], ((1, 4), "int16")),
        "input 0 has a zero point outside of 0 to 0",
    ),
    "state": (
        wrong("SVDF", [((1, 2),), ((4, 2),)], ((1, 4),), "SVDFOptions", rank=1),
        "the weight tensor 'x1' is not constant",
    ),
}


def lstm(dims, units, zero_point=0):
    """float32, or int8 with a zero point; `units` of each gate."""
    file = File()
    dtype, scale = ("float32", []) if zero_point == 0 else ("int8", [0.5])
    x, y = file.tensor("x", dims, dtype, scale), file.tensor("y", (*dims[:-1], 2), dtype, scale)
    kind = np.dtype(dtype)
    weights = [
        file.tensor(f"w{i}", (n, k), dtype, scale, zero_point, value=np.ones((n, k), kind))
        for i, (n, k) in enumerate([*((n, dims[-1]) for n in units), *((n, 2) for n in units)])
    ]
    states = [file.tensor(name, (1, 2), dtype, scale) for name in ("hidden", "cell")]
    for index in states:
        file.graph.tensors[index].isVariable = True
    inputs = [x, *weights, *[-1] * 9, *states, *[-1] * 4]
    options = "UnidirectionalSequenceLSTMOptions"
    file.node("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], options, fusedActivationFunction=4)
    file.graph.inputs, file.graph.outputs = [x], [y]
    return file


WRONG |= {
    "sequence": (lstm((1, 3), [2] * 4), "input 0 has the dims [1, 3]; 3 dimensions are supported"),
    "gates": (lstm((1, 4, 3), [2, 2, 3, 2]), "the weights of its gates have the dims [2, 3] and [3, 3]"),
    "zero point of gates": (lstm((1, 4, 3), [2] * 4, 5), "the weights of a gate have a zero point that is not 0"),
    "no biases": (lstm((1, 4, 3), [2] * 4), "it lacks biases"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refusals(tmp_path, name):
    file, expected = WRONG[name]
    with pytest.raises(SconnxError) as raised:
        read_tflite(file.write(tmp_path), "net")
    reasons = [error.why for error in getattr(raised.value, "errors", [raised.value])]
    assert expected in reasons
    assert raised.value.code == "E201"
