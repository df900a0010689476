# SPDX-License-Identifier: Apache-2.0
"""Float32 and mixed models, with the IR operators they must become: the order of dimensions, the types of operands.

Operators one by one are the business of tests/conformance, which runs onnx's own cases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from qdq_model import INT8, QdqModel

Fill = Callable[[QdqModel], None]


@dataclass(frozen=True)
class Case:
    fill: Fill
    operators: tuple[str, ...]
    opset: int


CASES: dict[str, Case] = {}


def case(*operators: str, opset: int = 17) -> Callable[[Fill], Fill]:
    def register(fill: Fill) -> Fill:
        CASES[fill.__name__] = Case(fill, operators, opset)
        return fill

    return register


def image(m: QdqModel, channels: int = 3, name: str = "x") -> str:
    return m.input(name, ["batch", channels, 9, 8])


def numbers(m: QdqModel, *dims: int) -> str:
    return m.constant(m.random.normal(0, 0.5, dims), np.float32)


def finish(m: QdqModel, y: str) -> None:
    m.output(m.node("Identity", y, output="y"))


def convolved(m: QdqModel, x: str, inputs: int, outputs: int, **attributes: Any) -> str:
    return m.node("Conv", x, numbers(m, outputs, inputs, 3, 3), numbers(m, outputs), **attributes)


def normalized(m: QdqModel, x: str, channels: int, **attributes: float) -> str:
    values = [m.random.normal(0, 1, channels) for _ in range(3)] + [m.random.uniform(0.3, 3, channels)]
    return m.node("BatchNormalization", x, *(m.constant(each, np.float32) for each in values), **attributes)


@case("Conv2D", "Relu", "Conv2D", "AveragePooling2D", "Reshape", "FullyConnected", "Softmax")
def network(m: QdqModel) -> None:
    y = m.node("Relu", normalized(m, convolved(m, image(m), 3, 4, pads=[1, 1, 1, 1]), 4, epsilon=0.01))
    y = m.node("GlobalAveragePool", convolved(m, y, 4, 6, strides=[2, 2]))
    y = m.node("Gemm", m.node("Flatten", y), numbers(m, 5, 6), numbers(m, 5), transB=1, alpha=0.5, beta=2.0)
    finish(m, m.node("Softmax", y))


@case("Conv2D", "Add")
def residual(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 3, pads=[1, 1, 1, 1])
    finish(m, m.node("Add", y, "x"))


@case("Conv2D", "Relu", "Relu6", "Add")
def one_result_is_read_three_times(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 3)
    clipped = m.node("Clip", y, m.constant(0, np.float32), m.constant(6, np.float32))
    finish(m, m.node("Add", m.node("Relu", y), clipped))
    m.output(m.node("Identity", y, output="z"))


@case("DepthwiseConv2D", "Conv2D", "Mul", "Add")
def normalization_of_images_without_a_convolution_before(m: QdqModel) -> None:
    y = m.node("Conv", image(m, 4), numbers(m, 8, 1, 3, 3), group=4)
    y = m.node("Conv", y, numbers(m, 6, 4, 1, 1), group=2)
    finish(m, normalized(m, m.node("Identity", m.node("Transpose", y, perm=[0, 1, 3, 2])), 6))


@case("Mul", "Add")
def normalization_of_an_input(m: QdqModel) -> None:
    finish(m, normalized(m, image(m), 3))


@case("Conv2D")
def constants_by_channel_are_weights(m: QdqModel) -> None:
    y = m.node("Sub", numbers(m, 1), m.node("Mul", convolved(m, image(m), 3, 4), numbers(m, 4, 1, 1)))
    finish(m, m.node("Add", m.node("Div", y, numbers(m, 1, 4, 1, 1)), numbers(m)))


@case("Conv2D", "Add", "Relu6", "Mul", "Mul")
def a_hard_swish_of_several_nodes(m: QdqModel) -> None:
    """Two of them read the convolution, so that it takes nothing in."""
    y = convolved(m, image(m), 3, 4)
    gate = m.node("Clip", m.node("Add", y, m.constant(3, np.float32)), *(m.constant(n, np.float32) for n in (0, 6)))
    finish(m, m.node("Mul", m.node("Mul", y, gate), m.constant(1 / 6, np.float32)))


@case("Mul", "Add")
def two_normalizations_are_one(m: QdqModel) -> None:
    finish(m, normalized(m, m.node("Mul", normalized(m, image(m), 3), numbers(m, 3, 1, 1)), 3))


@case("Conv2D", "Mul", "Add", "Sub")
def constants_broadcast_over_images(m: QdqModel) -> None:
    y = m.node("Mul", convolved(m, image(m), 3, 4), numbers(m, 1, 4, 7, 1))
    y = m.node("Add", y, numbers(m, 7, 6))
    finish(m, m.node("Sub", numbers(m, 1), y))


@case("Conv2D", "AveragePooling2D", "Mul")
def a_column_of_channels_broadcasts_over_an_image(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 4)
    finish(m, m.node("Mul", m.node("GlobalAveragePool", y), y))


@case("Conv2D", "Reshape", "Add")
def a_matrix_broadcasts_over_an_image(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 4)
    finish(m, m.node("Add", y, m.input("matrix", [7, 6])))


@case("Conv2D", "Transpose", "Reshape", "MatMul")
def a_product_of_two_tensors(m: QdqModel) -> None:
    y = m.node("Reshape", convolved(m, image(m), 3, 4), m.constant([1, 4, 42], np.int64))
    finish(m, m.node("MatMul", y, m.node("Transpose", y, perm=[0, 2, 1])))


@case("Reshape", "MatMul", "Reshape")
def a_vector_times_matrices(m: QdqModel) -> None:
    finish(m, m.node("MatMul", m.input("v", [4]), m.input("b", [3, 4, 5])))


@case("MatMul")
def matrices_that_broadcast(m: QdqModel) -> None:
    finish(m, m.node("MatMul", m.input("a", [2, 1, 3, 4]), m.input("b", [3, 4, 5])))


@case("Transpose", "FullyConnected", "Add")
def gemm_of_a_transposed_input(m: QdqModel) -> None:
    finish(m, m.node("Gemm", m.input("a", [4, 3]), numbers(m, 4, 5), numbers(m, 3, 5), transA=1))


@case("MatMul", "Mul", "Add")
def gemm_of_two_inputs(m: QdqModel) -> None:
    finish(m, m.node("Gemm", m.input("a", [3, 4]), m.input("b", [5, 4]), numbers(m, 5), transB=1, alpha=0.3))


@case("Conv2D", "Reshape", "Reshape", "Reshape", "Softmax", "Reshape", "Reshape", opset=11)
def softmax_over_several_axes(m: QdqModel) -> None:
    y = m.node("Flatten", convolved(m, m.input("x", [1, 1, 9, 8]), 1, 1))
    y = m.node("Reshape", y, m.constant([1, 1, 7, 6], np.int64))
    finish(m, m.node("Reshape", m.node("Softmax", y, axis=1), m.constant([1, 42], np.int64)))


@case("Conv1D", "ReduceMax", "ReduceSum")
def reductions_of_stored_dimensions(m: QdqModel) -> None:
    y = m.node("Conv", m.input("x", [2, 3, 9]), numbers(m, 4, 3, 3))
    y = m.node("ReduceMax", y, axes=[1], keepdims=0)
    finish(m, m.node("ReduceSum", y, m.constant([0], np.int64)))


@case("Conv2D", "ReduceMean")
def mean_of_channels(m: QdqModel) -> None:
    finish(m, m.node("ReduceMean", convolved(m, image(m), 3, 4), axes=[1]))


@case("Conv2D", "Slice", "Concat", "Slice", "Pad")
def parts_of_images(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 4)
    part = m.node("Slice", y, *(m.constant([n], np.int64) for n in (-1, -9, 1, -2)))
    y = m.node("Concat", y, part, axis=1)
    y = m.node("Gather", y, m.constant([4, 2, 0], np.int64), axis=1)
    finish(m, m.node("Pad", y, m.constant([0, 1, 0, -1, 0, 0, 2, 0], np.int64), m.constant(1.5, np.float32)))


@case("Conv2D", "Reshape", "Slice", "Reshape")
def one_row_of_an_image(m: QdqModel) -> None:
    y = convolved(m, m.input("x", [1, 1, 9, 8]), 1, 4)
    y = m.node("Reshape", y, m.constant([4, 7, 6], np.int64))
    finish(m, m.node("Gather", y, m.constant(-1, np.int64), axis=2))


@case("Gather", "FullyConnected")
def an_embedding(m: QdqModel) -> None:
    y = m.node("Gather", numbers(m, 10, 4), m.input("tokens", [1, 6], TensorProto.INT64))
    finish(m, m.node("MatMul", y, numbers(m, 4, 3)))


@case("Conv2D", "Resize", "Conv2D")
def an_image_twice_as_large(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 4)
    y = m.node("Resize", y, "", m.constant([1, 1, 2, 2], np.float32), mode="linear")
    finish(m, convolved(m, y, 4, 2))


@case("Conv2D", "Resize", opset=9)
def upsample(m: QdqModel) -> None:
    y = convolved(m, image(m), 3, 4)
    finish(m, m.node("Upsample", y, m.constant([1, 1, 2, 3], np.float32), mode="nearest"))


@case("Greater", "Where", "Cast")
def bools_and_integers(m: QdqModel) -> None:
    x = m.input("x", [2, 5])
    larger = m.node("Greater", x, numbers(m, 5))
    chosen = m.node("Where", larger, x, m.constant(np.zeros(1), np.float32))
    m.output(m.node("Cast", chosen, to=TensorProto.INT32, output="y"), TensorProto.INT32)
    m.output(m.node("Identity", larger, output="z"), TensorProto.BOOL)


@case("Reshape")
def shape_arithmetic(m: QdqModel) -> None:
    """PyTorch's `x.view(x.size(0), 2, -1).transpose(1, 2)`."""
    x = m.input("x", ["batch", 4, 6])
    size = m.node("Gather", m.node("Shape", x), m.constant(0, np.int64), axis=0)
    parts = [m.node("Unsqueeze", each, m.constant([0], np.int64)) for each in (size, m.constant(2, np.int64))]
    shape = m.node("Concat", *parts, m.constant([-1], np.int64), axis=0)
    finish(m, m.node("Transpose", m.node("Reshape", x, shape), perm=[0, 2, 1]))


@case("Exp")
def a_branch_that_a_constant_chooses(m: QdqModel) -> None:
    x = m.input("x", [2, 3])
    count = m.node("Size", x)
    condition = m.node("Equal", count, m.constant(6, np.int64))
    branches = {}
    for operator, name in (("Exp", "then_branch"), ("Neg", "else_branch")):
        result = helper.make_tensor_value_info("inside", TensorProto.FLOAT, [2, 3])
        branches[name] = helper.make_graph([helper.make_node(operator, [x], ["inside"])], name, [], [result])
    finish(m, m.node("If", condition, **branches))


def graph_of(nodes: list[Any], inputs: dict[str, list[int]], outputs: dict[str, list[int]]) -> Any:
    """A graph inside of a node."""
    ports = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in ends.items()]
        for ends in (inputs, outputs)
    ]
    return helper.make_graph(nodes, "inside", ports[0], ports[1])


@case("Slice", "Slice", "Add", "Tanh", "Add", "Tanh", "Concat")
def a_scan_has_nodes_for_each_round(m: QdqModel) -> None:
    nodes = [helper.make_node("Add", ["h", "part"], ["sum"]), helper.make_node("Tanh", ["sum"], ["h_out"])]
    nodes.append(helper.make_node("Identity", ["h_out"], ["y_out"]))
    body = graph_of(nodes, {"h": [3], "part": [3]}, {"h_out": [3], "y_out": [3]})
    names = [m.node("Relu", numbers(m, 3)), m.input("x", [3, 2])]
    m.nodes.append(helper.make_node("Scan", names, ["last", "all"], body=body, num_scan_inputs=1, scan_input_axes=[1]))
    finish(m, "all")


@case("Mul", "Mul", "Mul")
def a_loop_of_a_known_number_of_rounds(m: QdqModel) -> None:
    nodes = [helper.make_node("Mul", ["v", "x"], ["v_out"]), helper.make_node("Identity", ["going"], ["goes_on"])]
    body = graph_of(nodes, {"v": [3]}, {"v_out": [3]})
    ports = [("round", TensorProto.INT64), ("going", TensorProto.BOOL)]
    entries = [helper.make_tensor_value_info(name, dtype, []) for name, dtype in ports]
    entries += list(body.input)
    del body.input[:]
    body.input.extend(entries)
    outputs = [helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []), *body.output]
    del body.output[:]
    body.output.extend(outputs)
    x = m.input("x", [3])
    finish(m, m.node("Loop", m.constant(3, np.int64), "", x, body=body))


@case("Exp", "Dequantize", "Exp")
def float_between_quantized(m: QdqModel) -> None:
    """Exp is computed as both of its readers want it."""
    y = m.node("Exp", m.dq(m.input("x", [1, 12], INT8), 0.01))
    m.output(y)
    m.output(m.q(y, 0.02), INT8)


@case("Quantize", "FullyConnected", "Slice", "Dequantize", "Exp", "Sub")
def int8_between_float(m: QdqModel) -> None:
    x = m.input("x", [1, 12])
    y = m.node("MatMul", m.qdq(x, 0.05, 3), m.weights(12, 5, axis=1))
    finish(
        m,
        m.node(
            "Sub", m.node("Exp", m.qdq(y, 0.1)), m.node("Slice", x, *(m.constant([n], np.int64) for n in (0, 5, 1)))
        ),
    )


@case("FullyConnected", "Clip")
def a_clamp_that_no_activation_is(m: QdqModel) -> None:
    y = m.node("MatMul", m.qdq(m.input("x", [1, 12]), 0.05, 3), m.weights(12, 5, axis=1))
    finish(m, m.qdq(m.node("Clip", y, m.constant(0.5, np.float32), m.constant(4, np.float32)), 0.1, 5))


@case("Dequantize", "FullyConnected", "Quantize")
def weights_with_zero_points_per_channel(m: QdqModel) -> None:
    weights = m.constant(m.random.integers(-100, 100, (12, 5)), np.int8)
    weights = m.dq(weights, np.full(5, 0.01), np.arange(5), axis=1)
    finish(m, m.qdq(m.node("MatMul", m.qdq(m.input("x", [1, 12]), 0.05, 3), weights), 0.1))


@case("FullyConnected", "Mul")
def a_number_is_int8_with_a_scale(m: QdqModel) -> None:
    y = m.qdq(m.node("MatMul", m.qdq(m.input("x", [1, 12]), 0.05, 3), m.weights(12, 5, axis=1)), 0.1)
    finish(m, m.qdq(m.node("Mul", y, m.constant(-0.37, np.float32)), 0.04))


def recurrent(m: QdqModel, operator: str, gates: int, directions: int, *more: str, **attributes: Any) -> str:
    """Y of a layer of 4 units on two sequences of 5 steps of 3 numbers."""
    weights = [numbers(m, directions, gates * 4, size) for size in (3, 4)] + [numbers(m, directions, gates * 8)]
    x = m.input("x", [5, 2, 3])
    return m.node(operator, x, *weights, *more, hidden_size=4, **attributes)


@case(
    *["Slice"] * 6,
    *["SequenceLSTM", "Pad", "SequenceLSTM", "Concat"] * 2,
    "Reshape",
    "Reshape",
    "Concat",
)
def lstm_of_both_directions_and_two_lengths(m: QdqModel) -> None:
    lengths, states = m.constant([3, 5], np.int32), [numbers(m, 2, 2, 4) for _ in range(2)]
    y = recurrent(m, "LSTM", 4, 2, lengths, *states, numbers(m, 2, 12), direction="bidirectional")
    finish(m, y)


@case("Slice", "Reshape", "SequenceGRU", "Pad", "Reshape")
def gru_from_the_end(m: QdqModel) -> None:
    finish(m, recurrent(m, "GRU", 3, 1, m.constant([3, 3], np.int32), m.input("h", [1, 2, 4]), direction="reverse"))


@case("SequenceGRU", "Reshape")
def gru_that_is_linear_before_reset(m: QdqModel) -> None:
    finish(m, recurrent(m, "GRU", 3, 1, linear_before_reset=1))


@case("SequenceRNN", "Reshape")
def rnn_of_relus(m: QdqModel) -> None:
    finish(m, recurrent(m, "RNN", 1, 1, activations=["Relu"]))
