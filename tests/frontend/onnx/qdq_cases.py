# SPDX-License-Identifier: Apache-2.0
"""One small model per operator and pattern, with the IR operators it must become.

A case is a function that fills a model; its annotation is the expected operators after import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
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
    """A float32 NCHW input behind Q and DQ."""
    return m.qdq(m.input(name, ["batch", channels, 9, 8]), 0.05, 3)


def row(m: QdqModel, length: int = 12, name: str = "x") -> str:
    return m.qdq(m.input(name, ["batch", length]), 0.05, -4)


def finish(m: QdqModel, y: str, scale: float = 0.1, zero: int = 5) -> None:
    """Q, DQ and a float32 output."""
    m.output(m.node("Identity", m.qdq(y, scale, zero), output="y"))


def normalized(m: QdqModel, x: str, channels: int, **attributes: float) -> str:
    """BatchNormalization with factors of either sign and one that is 0."""
    factor = m.random.uniform(0.5, 2, channels) * np.where(np.arange(channels) % 3 == 1, -1, 1)
    factor[-1] = 0
    numbers = (
        factor,
        m.random.normal(0, 1, channels),
        m.random.normal(0, 1, channels),
        m.random.uniform(0.3, 3, channels),
    )
    constants = [m.constant(values, np.float32) for values in numbers]
    return m.node("BatchNormalization", x, *constants, **attributes)


@case("Conv2D")
def batch_normalization_of_conv(m: QdqModel) -> None:
    y = m.node("Conv", image(m), m.weights(5, 3, 3, 3), m.bias(5), pads=[1, 1, 1, 1])
    finish(m, m.node("Relu", normalized(m, y, 5, epsilon=0.01)))


@case("DepthwiseConv2D")
def batch_normalization_of_depthwise_conv(m: QdqModel) -> None:
    finish(m, normalized(m, m.node("Conv", image(m), m.weights(3, 1, 3, 3, axis=None), group=3), 3))


@case("FullyConnected")
def batch_normalization_of_gemm(m: QdqModel) -> None:
    finish(m, normalized(m, m.node("Gemm", row(m), m.weights(7, 12), m.bias(7), transB=1), 7))


@case("Conv2D")
def conv_per_channel_with_int32_bias(m: QdqModel) -> None:
    values = m.constant(m.random.integers(-127, 128, (4, 3, 3, 3)), np.int8)
    scales = m.random.uniform(0.005, 0.02, 4).astype(np.float32)
    weights = m.dq(values, scales, np.zeros(4), axis=0)
    bias = m.constant(m.random.integers(-4000, 4000, 4), np.int32)
    bias = m.dq(bias, np.float32(0.05) * scales, np.zeros(4), np.int32, axis=0)
    finish(m, m.node("Conv", image(m), weights, bias, pads=[1, 0, 2, 1], strides=[2, 1]))


@case("Conv2D")
def conv_with_bias_of_another_scale(m: QdqModel) -> None:
    weights = m.weights(4, 3, 3, 3, axis=None)
    scale = np.float32(0.05) * m.weights_scale * 8
    bias = m.dq(m.constant(m.random.integers(-500, 500, 4), np.int32), scale, 0, np.int32)
    finish(m, m.node("Conv", image(m), weights, bias))


@case("Conv2D")
def conv_with_float_bias_and_relu(m: QdqModel) -> None:
    y = m.node("Conv", image(m), m.weights(4, 3, 3, 3), m.bias(4), dilations=[2, 2])
    finish(m, m.node("Relu", y), 0.1, -128)


@case("Conv2D")
def conv_with_float_weights_quantized_in_the_model(m: QdqModel) -> None:
    weights = m.constant(m.random.normal(0, 0.5, (4, 3, 2, 2)), np.float32)
    scales, zeros = m.random.uniform(0.005, 0.02, 4), np.zeros(4)
    finish(m, m.node("Conv", image(m), m.dq(m.q(weights, scales, zeros, axis=0), scales, zeros, axis=0)))


@case("Conv2D")
def conv_with_weights_zero_point(m: QdqModel) -> None:
    values = m.constant(m.random.integers(-127, 128, (4, 3, 3, 3)), np.int8)
    finish(m, m.node("Conv", image(m), m.dq(values, 0.010307, 7)))


@case("Conv2D")
def conv_in_groups_same_upper(m: QdqModel) -> None:
    finish(m, m.node("Conv", image(m, 4), m.weights(6, 2, 3, 2), group=2, auto_pad="SAME_UPPER", strides=[2, 2]))


@case("Conv2D")
def conv_same_lower(m: QdqModel) -> None:
    finish(m, m.node("Conv", image(m), m.weights(5, 3, 4, 2), auto_pad="SAME_LOWER", strides=[2, 1]))


@case("Conv2D")
def conv_valid(m: QdqModel) -> None:
    finish(m, m.node("Conv", image(m), m.weights(5, 3, 4, 2), auto_pad="VALID"))


@case("Conv2D")
def conv_of_one_channel(m: QdqModel) -> None:
    finish(m, m.node("Conv", image(m, 1), m.weights(4, 1, 3, 3)))


@case("Conv2D")
def conv_with_dead_channels(m: QdqModel) -> None:
    """Weights too small to matter, of a scale in which the bias does not fit int32."""
    values = m.constant(m.random.integers(-127, 128, (4, 3, 3, 3)), np.int8)
    weights = m.dq(values, [1e-20, 0.0123, 1e-38, 0.0071], np.zeros(4), axis=0)
    finish(m, m.node("Conv", image(m), weights, m.constant([1.53, 0, -2.71, 0], np.float32)))


@case("DepthwiseConv2D")
def conv_depthwise_with_dead_channels(m: QdqModel) -> None:
    values = m.constant(m.random.integers(-127, 128, (3, 1, 3, 3)), np.int8)
    weights = m.dq(values, [1e-20, 0.0123, 1e-12], np.zeros(3), axis=0)
    finish(m, m.node("Conv", image(m), weights, m.constant([1.53, 0, -2.71], np.float32), group=3))


@case("DepthwiseConv2D")
def conv_depthwise(m: QdqModel) -> None:
    y = m.node("Conv", image(m), m.weights(3, 1, 3, 3), m.bias(3), group=3, pads=[1, 1, 1, 1])
    finish(m, m.node("Clip", y, m.constant(0.0, np.float32), m.constant(6.0, np.float32)), 6 / 255, -128)


@case("DepthwiseConv2D")
def conv_depthwise_with_multiplier(m: QdqModel) -> None:
    finish(m, m.node("Conv", image(m), m.weights(6, 1, 3, 2), group=3))


@case("Conv2D", "Add", "Conv2D")
def conv_residual(m: QdqModel) -> None:
    x = image(m)
    y = m.qdq(m.node("Conv", x, m.weights(3, 3, 3, 3), pads=[1, 1, 1, 1]), 0.2, -7)
    total = m.qdq(m.node("Relu", m.node("Add", x, y)), 0.15, -128)
    finish(m, m.node("Conv", total, m.weights(2, 3, 1, 1)))


@case("Conv2D", "Relu", "Conv2D", "Relu")
def conv_relu_on_integers(m: QdqModel) -> None:
    """Symmetric quantisation: Conv -> Q -> DQ -> Relu -> Q -> DQ with one scale."""
    y = m.qdq(m.node("Conv", image(m), m.weights(3, 3, 3, 3)), 0.2)
    y = m.qdq(m.node("Relu", y), 0.2)
    y = m.qdq(m.node("Conv", y, m.weights(2, 3, 3, 3)), 0.3)
    finish(m, m.node("Relu", y), 0.3, 0)


@case("Conv2D")
def clip_to_the_quantized_range(m: QdqModel) -> None:
    limits = (m.constant((-128 - 5) * 0.1, np.float32), m.constant((127 - 5) * 0.1, np.float32))
    finish(m, m.node("Clip", m.node("Conv", image(m), m.weights(3, 3, 3, 3)), *limits))


@case("Conv2D", opset=10)
def clip_attributes(m: QdqModel) -> None:
    finish(m, m.node("Clip", m.node("Conv", image(m), m.weights(3, 3, 3, 3, axis=None)), min=0.0, max=6.0))


@case("Conv2D")
def relu_that_changes_nothing(m: QdqModel) -> None:
    """The zero point -128 has clamped already."""
    y = m.qdq(m.node("Conv", image(m), m.weights(3, 3, 3, 3)), 0.1, -128)
    finish(m, m.node("Relu", y), 0.1, -128)


@case("Relu6")
def relu6_alone(m: QdqModel) -> None:
    y = m.node("Clip", image(m), m.constant(0.0, np.float32), m.constant(6.0, np.float32))
    finish(m, y, 0.03, -128)


@case("Relu", "MaxPooling2D", "Conv2D")
def relu_without_quantization(m: QdqModel) -> None:
    y = m.node("MaxPool", m.node("Relu", image(m)), kernel_shape=[2, 2], strides=[2, 2])
    finish(m, m.node("Conv", y, m.weights(3, 3, 1, 1)))


@case("Conv2D", "MaxPooling2D", "Transpose", "Reshape", "FullyConnected")
def pytorch_net(m: QdqModel) -> None:
    y = m.node("Relu", m.node("Conv", image(m), m.weights(4, 3, 3, 3), m.bias(4), pads=[1, 1, 1, 1]))
    y = m.node("MaxPool", m.qdq(y, 0.1, -128), kernel_shape=[2, 2], strides=[2, 2])
    y = m.node("Flatten", y)
    finish(m, m.node("Gemm", y, m.weights(5, 64), m.bias(5), transB=1), 0.5)


@case("Conv2D", "MaxPooling2D", "Transpose", "Reshape", "FullyConnected")
def pytorch_net_pooled_before_quantization(m: QdqModel) -> None:
    y = m.node("Relu", m.node("Conv", image(m), m.weights(4, 3, 3, 3), pads=[1, 1, 1, 1]))
    y = m.node("Flatten", m.node("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2]))
    finish(m, m.node("Gemm", m.qdq(y, 0.1, -128), m.weights(5, 64), transB=1), 0.5)


@case("Conv2D", "Reshape", "FullyConnected")
def one_channel_needs_no_transpose(m: QdqModel) -> None:
    y = m.qdq(m.node("Conv", image(m), m.weights(1, 3, 2, 3)), 0.2)
    finish(m, m.node("Gemm", m.node("Flatten", y), m.weights(48, 5, axis=1)), 0.5)


@case("Conv2D", "AveragePooling2D", "Reshape", "FullyConnected", "Softmax")
def global_average_and_softmax(m: QdqModel) -> None:
    y = m.qdq(m.node("Conv", image(m), m.weights(6, 3, 3, 3)), 0.2)
    y = m.qdq(m.node("GlobalAveragePool", y), 0.1, 2)
    y = m.node("Squeeze", y, m.constant([2, 3], np.int64))
    y = m.qdq(m.node("MatMul", y, m.weights(6, 4, axis=1)), 0.05)
    finish(m, m.node("Softmax", y), 1 / 256, -128)


@case("AveragePooling2D", "Reshape", "FullyConnected")
def mean_by_attribute(m: QdqModel) -> None:
    y = m.qdq(m.node("ReduceMean", image(m), axes=[2, 3], keepdims=0), 0.02)
    finish(m, m.node("MatMul", y, m.weights(3, 4, axis=None)))


@case("AveragePooling2D", opset=18)
def mean_by_input_keeping_dims(m: QdqModel) -> None:
    finish(m, m.node("ReduceMean", image(m), m.constant([-1, -2], np.int64), keepdims=1), 0.02)


@case("AveragePooling2D")
def average_pool(m: QdqModel) -> None:
    finish(m, m.node("AveragePool", image(m), kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1]), 0.0613)


@case("AveragePooling2D")
def average_pool_with_padding_counted(m: QdqModel) -> None:
    y = m.node("AveragePool", image(m), kernel_shape=[3, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    finish(m, y, 0.0613)


@case("MaxPooling2D", "Requantize")
def max_pool_to_another_scale(m: QdqModel) -> None:
    finish(m, m.node("MaxPool", image(m), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), 0.0613)


@case("MaxPooling2D")
def max_pool_ceil_mode_without_effect(m: QdqModel) -> None:
    y = m.node("MaxPool", image(m), kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1)
    finish(m, y, 0.05, 3)


@case("MaxPooling2D")
def max_pool_ceil_mode(m: QdqModel) -> None:
    """The last windows reach over the edge in both directions."""
    y = m.node("MaxPool", image(m), kernel_shape=[3, 3], strides=[2, 3], pads=[1, 0, 0, 0], ceil_mode=1)
    finish(m, y, 0.05, 3)


@case("FullyConnected", "Add")
def matmul_and_a_broadcast_constant(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 5, 6]), 0.05)
    y = m.qdq(m.node("MatMul", x, m.weights(6, 4, axis=None)), 0.3, -3)
    finish(m, m.node("Add", m.dq(m.constant(m.random.integers(-128, 128, 4), np.int8), 0.02, 0), y), 0.31, 1)


@case("Conv2D", "Mul")
def constant_per_channel(m: QdqModel) -> None:
    y = m.qdq(m.node("Conv", image(m), m.weights(4, 3, 3, 3)), 0.3, -3)
    finish(m, m.node("Mul", y, m.dq(m.constant(m.random.integers(-128, 128, (4, 1, 1)), np.int8), 0.01, 0)), 0.2)


@case("FullyConnected", "FullyConnected")
def matmul_and_bias(m: QdqModel) -> None:
    y = m.node("Add", m.node("MatMul", row(m), m.weights(12, 7, axis=1)), m.bias(7))
    y = m.qdq(m.node("Relu", y), 0.05, -128)
    product = m.node("MatMul", y, m.weights(7, 3, axis=None))
    scale = np.float32(0.05) * m.weights_scale
    bias = m.dq(m.constant(m.random.integers(-900, 900, 3), np.int32), scale, 0, np.int32)
    finish(m, m.node("Add", bias, product))


@case("FullyConnected")
def transposed_weights(m: QdqModel) -> None:
    weights = m.node("Transpose", m.weights(7, 12), perm=[1, 0])
    finish(m, m.node("MatMul", row(m), weights))


@case("FullyConnected")
def matmul_of_three_dimensions(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 5, 6]), 0.05)
    finish(m, m.node("Add", m.node("MatMul", x, m.weights(6, 4, axis=1)), m.bias(4)))


@case("Sigmoid", "Tanh")
def sigmoid_and_tanh(m: QdqModel) -> None:
    y = m.qdq(m.node("Sigmoid", row(m)), 1 / 256, -128)
    finish(m, m.node("Tanh", y), 1 / 128, 0)


@case("Softmax", opset=11)
def softmax_of_old_opset(m: QdqModel) -> None:
    finish(m, m.node("Softmax", row(m)), 1 / 256, -128)


@case("Conv2D", "Softmax")
def softmax_over_channels(m: QdqModel) -> None:
    y = m.qdq(m.node("Conv", image(m), m.weights(6, 3, 3, 3)), 0.2)
    finish(m, m.node("Softmax", y, axis=1), 1 / 256, -128)


@case("Requantize", "Add")
def requantize(m: QdqModel) -> None:
    x = row(m)
    finish(m, m.node("Add", m.qdq(x, 0.07, 3), x))


@case("FullyConnected")
def identity_and_dropout(m: QdqModel) -> None:
    x = m.node("Dropout", m.node("Identity", row(m)))
    finish(m, m.node("MatMul", x, m.weights(12, 3, axis=1)))


@case("Conv2D", "MaxPooling2D", "Conv2D")
def tf2onnx_style_int8_nhwc(m: QdqModel) -> None:
    x = m.input("x", ["unk__1", 9, 8, 3], INT8)
    x = m.dq(m.node("Transpose", x, perm=[0, 3, 1, 2]), 0.05, 3)
    y = m.q(m.node("Relu", m.node("Conv", x, m.weights(4, 3, 3, 3))), 0.1, -128)
    y = m.node("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    y = m.q(m.node("Conv", m.dq(y, 0.1, -128), m.weights(5, 4, 2, 2)), 0.3)
    m.node("Transpose", y, perm=[0, 2, 3, 1], output="y")
    m.output("y", INT8)


@case("Conv2D")
def int8_reshaped_to_one_channel(m: QdqModel) -> None:
    x = m.node("Reshape", m.input("x", [-1, 9, 8, 1], INT8), m.constant([-1, 1, 9, 8], np.int64))
    y = m.q(m.node("Conv", m.dq(x, 0.05, 3), m.weights(4, 1, 3, 3)), 0.1, output="y")
    m.output(y, INT8)


@case("Conv2D", "AveragePooling2D", "Reshape")
def mean_of_nhwc_view(m: QdqModel) -> None:
    x = m.input("x", [1, 9, 8, 3], INT8)
    x = m.dq(m.node("Transpose", x, perm=[0, 3, 1, 2]), 0.05, 3)
    y = m.qdq(m.node("Conv", x, m.weights(4, 3, 3, 3)), 0.1)
    y = m.node("Transpose", y, perm=[0, 2, 3, 1])
    finish(m, m.node("ReduceMean", y, axes=[1, 2], keepdims=0), 0.0613)


@case("Transpose", "Conv2D")
def conv_of_an_input_in_another_order(m: QdqModel) -> None:
    """[N, C, H, W] that the model takes as [N, W, C, H]: no stored order serves both."""
    x = m.node("Transpose", m.qdq(m.input("x", [1, 4, 5, 6]), 0.05), perm=[0, 2, 1, 3])
    finish(m, m.node("Conv", x, m.weights(2, 5, 1, 1)))


@case("Conv2D", "Transpose", "Reshape", "Transpose", "Reshape", "Transpose", "Conv2D")
def channel_shuffle(m: QdqModel) -> None:
    y = m.qdq(m.node("Conv", image(m), m.weights(6, 3, 3, 3)), 0.2)
    y = m.node("Reshape", y, m.constant([0, 2, 3, 7, 6], np.int64))
    y = m.node("Transpose", y, perm=[0, 2, 1, 3, 4])
    y = m.node("Reshape", y, m.constant([1, 6, 7, 6], np.int64))
    finish(m, m.node("Conv", y, m.weights(2, 6, 1, 1)))


@case("Conv2D", "Conv2D", "Transpose", "Add")
def add_of_two_orders(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 4, 4, 4]), 0.05)
    y = m.qdq(m.node("Conv", x, m.weights(4, 4, 1, 1)), 0.2)
    z = m.node("Transpose", m.qdq(m.node("Conv", x, m.weights(4, 4, 1, 1)), 0.2), perm=[0, 3, 1, 2])
    finish(m, m.node("Add", y, z), 0.3)


@case("Reshape", "FullyConnected")
def unsqueeze_and_flatten(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 3, 4]), 0.05)
    x = m.node("Flatten", m.node("Unsqueeze", x, m.constant([1], np.int64)))
    finish(m, m.node("MatMul", x, m.weights(12, 3, axis=1)))


@case("Conv2D", "Conv2D")
def two_outputs(m: QdqModel) -> None:
    x = image(m)
    m.output(m.q(m.node("Conv", x, m.weights(4, 3, 3, 3)), 0.1, output="a"), INT8)
    finish(m, m.node("Conv", x, m.weights(2, 3, 1, 1)))


@case("FullyConnected", "Reshape")
def one_tensor_is_two_outputs(m: QdqModel) -> None:
    y = m.q(m.node("MatMul", row(m), m.weights(12, 3, axis=1)), 0.1, output="a")
    m.output(y, INT8)
    m.output(m.node("Identity", m.dq(y, 0.1), output="y"))


@case("Add", "Conv2D")
def two_inputs(m: QdqModel) -> None:
    y = m.qdq(m.node("Add", image(m), image(m, name="second")), 0.1, 4)
    finish(m, m.node("Conv", y, m.weights(2, 3, 1, 1)))


@case("FullyConnected", opset=23)
def newest_opset(m: QdqModel) -> None:
    finish(m, m.node("Relu", m.node("Gemm", row(m), m.weights(5, 12), m.bias(5), transB=1)))


@case("Conv1D", "DepthwiseConv1D", "MaxPooling1D", "AveragePooling1D", "Reshape", "FullyConnected")
def sequence(m: QdqModel) -> None:
    """One-dimensional."""
    x = m.qdq(m.input("x", ["batch", 5, 24]), 0.05, 3)
    y = m.qdq(m.node("Conv", x, m.weights(6, 5, 3), m.bias(6), pads=[1, 1]), 0.1, 4)
    y = m.node("Conv", y, m.weights(6, 1, 4), group=6, strides=[2], auto_pad="SAME_UPPER")
    y = m.node("MaxPool", m.qdq(m.node("Relu", y), 0.07, -128), kernel_shape=[2])
    y = m.qdq(m.node("ReduceMean", y, axes=[-1], keepdims=0), 0.0213)
    finish(m, m.node("Gemm", y, m.weights(3, 6), transB=1), 0.0511)


@case("AveragePooling1D", "AveragePooling1D", "Reshape")
def sequence_pools(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 5, 24]), 0.05, 3)
    y = m.qdq(m.node("AveragePool", x, kernel_shape=[3], strides=[2], pads=[1, 0]), 0.0413)
    y = m.qdq(m.node("GlobalAveragePool", y), 0.0213)
    m.output(m.node("Squeeze", y, m.constant([2], np.int64), output="y"))


@case("AveragePooling1D")
def sequence_mean_keeping_dims(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 5, 24]), 0.05, 3)
    finish(m, m.node("ReduceMean", x, axes=[2]), 0.0213)


@case("Sub", "Mul", "Add")
def elementwise(m: QdqModel) -> None:
    x, y = row(m), row(m, name="second")
    z = m.qdq(m.node("Sub", x, y), 0.09, 7)
    z = m.qdq(m.node("Relu", m.node("Mul", z, x)), 0.3, -128)
    finish(m, m.node("Add", y, z), 0.25)


@case("Conv2D", "Sub", "Mul", "Add")
def elementwise_with_constants(m: QdqModel) -> None:
    """Constants are brought into the order in which the activation is stored."""

    def constant(scale: float, zero: int) -> str:
        return m.dq(m.constant(m.random.integers(-128, 128, (1, 4, 7, 6)), np.int8), scale, zero)

    y = m.qdq(m.node("Conv", image(m), m.weights(4, 3, 3, 3)), 0.1)
    y = m.qdq(m.node("Sub", constant(0.05, -9), y), 0.15, 3)
    y = m.qdq(m.node("Mul", y, constant(0.01, 0)), 0.17, -5)
    finish(m, m.node("Add", y, constant(0.2, 50)), 0.3)


@case("Pad2D", "Conv2D")
def pad(m: QdqModel) -> None:
    y = m.node("Pad", image(m), m.constant([0, 0, 1, 0, 0, 0, 2, 3], np.int64))
    finish(m, m.node("Conv", y, m.weights(4, 3, 3, 3)))


@case("Pad2D", "MaxPooling2D", opset=10)
def pad_before_quantization(m: QdqModel) -> None:
    y = m.node("Pad", m.input("x", [1, 3, 9, 8]), mode="constant", pads=[0, 0, 1, 0, 0, 0, 2, 3], value=0.0)
    finish(m, m.node("MaxPool", m.qdq(y, 0.05, 3), kernel_shape=[2, 2]), 0.05, 3)


@case("Conv2D", "Pad2D")
def pad_after_relu(m: QdqModel) -> None:
    y = m.node("Relu", m.node("Conv", image(m), m.weights(4, 3, 3, 3)))
    finish(m, m.node("Pad", y, m.constant([0, 0, 1, 0, 0, 0, 2, 3], np.int64), m.constant(0.0, np.float32)))


@case("Pad2D", "Conv2D", opset=18)
def pad_of_integers_along_axes(m: QdqModel) -> None:
    sides = (m.constant([2, 1, 0, 1], np.int64), m.constant(3, np.int8), m.constant([-1, 2], np.int64))
    y = m.node("Pad", m.input("x", [1, 3, 9, 8], INT8), *sides)
    finish(m, m.node("Conv", m.dq(y, 0.05, 3), m.weights(4, 3, 3, 3)))


@case("Reshape", "Pad2D", "Reshape", "Conv1D")
def pad_of_a_sequence(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 5, 24]), 0.05, 3)
    y = m.node("Pad", x, m.constant([0, 0, 3, 0, 0, 1], np.int64))
    finish(m, m.node("Conv", y, m.weights(6, 5, 3), dilations=[2]))


@case("Conv1D", "Conv1D", "DepthwiseConv1D")
def sequence_convolutions(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 6, 31]), 0.05, 3)
    y = m.qdq(m.node("Conv", x, m.weights(8, 3, 3), m.bias(8), group=2, dilations=[3], pads=[4, 1]), 0.1, 4)
    y = m.qdq(m.node("Conv", y, m.weights(5, 8, 4, axis=None), strides=[3], auto_pad="SAME_LOWER"), 0.2, -4)
    finish(m, m.node("Conv", y, m.weights(10, 1, 3), group=5, pads=[2, 0]))


@case("MaxPooling1D", "AveragePooling1D", "AveragePooling1D")
def sequence_pools_with_padding(m: QdqModel) -> None:
    y = m.qdq(m.input("x", [1, 6, 31]), 0.05, 3)
    y = m.node("MaxPool", y, kernel_shape=[3], strides=[2], dilations=[2], pads=[2, 1])
    y = m.qdq(m.node("AveragePool", y, kernel_shape=[4], pads=[3, 2], count_include_pad=1), 0.0413, 3)
    finish(m, m.node("AveragePool", y, kernel_shape=[3], strides=[2], pads=[1, 2]), 0.0331)


@case("AveragePooling1D", "Reshape")
def sequence_mean_of_channels_last(m: QdqModel) -> None:
    x = m.qdq(m.input("x", [1, 24, 5]), 0.05, 3)
    finish(m, m.node("ReduceMean", x, axes=[1], keepdims=0), 0.0213)


def branches(m: QdqModel, *channels: int, scale: float = 0.1, zero: int = 5) -> list[str]:
    """Convolutions of one image, quantised alike."""
    x = image(m)
    return [m.qdq(m.node("Conv", x, m.weights(count, 3, 3, 3)), scale, zero) for count in channels]


@case("Conv2D", "Conv2D", "Concat", "Conv2D")
def concat_of_channels(m: QdqModel) -> None:
    y = m.qdq(m.node("Concat", *branches(m, 4, 2), axis=1), 0.1, 5)
    finish(m, m.node("Conv", y, m.weights(3, 6, 1, 1)))


@case("Conv2D", "Conv2D", "Conv2D", "Requantize", "Requantize", "Requantize", "Concat")
def concat_into_another_scale(m: QdqModel) -> None:
    finish(m, m.node("Concat", *branches(m, 4, 1, 2), axis=-3), 0.0613)


@case("Conv2D", "Conv2D", "Requantize", "Concat")
def concat_of_a_part_of_another_scale(m: QdqModel) -> None:
    x = image(m)
    first = m.qdq(m.node("Conv", x, m.weights(4, 3, 3, 3)), 0.1, 5)
    second = m.qdq(m.node("Conv", x, m.weights(2, 3, 3, 3)), 0.08)
    finish(m, m.node("Concat", first, second, axis=1))


@case("Conv2D", "Conv2D", "Concat")
def concat_before_quantization(m: QdqModel) -> None:
    x = image(m)
    parts = (m.node("Conv", x, m.weights(count, 3, 3, 3)) for count in (4, 2))
    finish(m, m.node("Relu", m.node("Concat", *parts, axis=1)), 0.1, -128)


@case("Conv2D", "Relu", "Relu", "Concat")
def concat_of_parts_that_are_clamped(m: QdqModel) -> None:
    x = image(m)
    y = m.qdq(m.node("Conv", x, m.weights(4, 3, 3, 3), pads=[1, 1, 1, 1]), 0.1)
    finish(m, m.node("Relu", m.node("Concat", y, x, y, axis=1)), 0.07, -100)


@case("Conv2D", "Conv2D", "Concat", "MaxPooling2D")
def concat_without_quantization(m: QdqModel) -> None:
    y = m.node("Concat", *branches(m, 1, 3), axis=1)
    finish(m, m.node("MaxPool", y, kernel_shape=[2, 2]))


@case("Conv2D", "Concat")
def concat_of_a_constant(m: QdqModel) -> None:
    constant = m.dq(m.constant(m.random.integers(-128, 128, (1, 2, 7, 6)), np.int8), 0.07, -9)
    finish(m, m.node("Concat", constant, *branches(m, 4), axis=1), 0.1, 5)


@case("Conv2D", "Conv2D", "Concat", "Concat")
def concat_of_height_and_width(m: QdqModel) -> None:
    y = m.qdq(m.node("Concat", *branches(m, 4, 4), axis=2), 0.1, 5)
    finish(m, m.node("Concat", y, y, axis=3))


@case("Conv2D", "Transpose", "Concat")
def concat_of_two_orders(m: QdqModel) -> None:
    (y,) = branches(m, 3)
    other = m.qdq(m.input("second", [1, 6, 7, 2]), 0.1, 5)
    finish(m, m.node("Concat", m.node("Transpose", y, perm=[0, 3, 2, 1]), other, axis=3))


@case("Conv2D", "AveragePooling2D", "Reshape", "Concat", "FullyConnected")
def concat_of_features(m: QdqModel) -> None:
    y = m.qdq(m.node("ReduceMean", *branches(m, 4), axes=[2, 3], keepdims=0), 0.05, -4)
    y = m.qdq(m.node("Concat", y, row(m, name="second"), axis=1), 0.05, -4)
    finish(m, m.node("MatMul", y, m.weights(16, 3, axis=1)))


@case("Relu", "Concat", "Reshape")
def concat_of_scalars_per_channel(m: QdqModel) -> None:
    """Dims of 1 have no order."""
    x, y = (m.qdq(m.input(name, [1, count, 1, 1]), 0.1, 5) for name, count in (("x", 3), ("second", 1)))
    finish(m, m.node("Flatten", m.node("Concat", x, m.node("Relu", y), axis=1)))


@case("Conv2D", "Split", "Conv2D", "Concat")
def shuffle_block(m: QdqModel) -> None:
    """One half of the channels goes through a convolution, then both are put together again."""
    left, right = m.split(*branches(m, 6), 2, axis=1)
    right = m.qdq(m.node("Conv", right, m.weights(3, 3, 1, 1)), 0.1, 5)
    finish(m, m.node("Concat", left, right, axis=1))


@case("Split", "Conv2D", "Conv2D")
def split_of_an_input(m: QdqModel) -> None:
    sizes = m.constant([2, 1], np.int64)
    first, second = m.split(image(m), 2, sizes, axis=1)
    m.output(m.q(m.node("Conv", first, m.weights(4, 2, 3, 3)), 0.1, output="a"), INT8)
    finish(m, m.node("Conv", second, m.weights(2, 1, 3, 3)))


@case("Split", "Conv2D", "Relu", opset=10)
def split_before_quantization(m: QdqModel) -> None:
    first, second = m.split(m.input("x", [1, 3, 9, 8]), 2, axis=2, split=[5, 4])
    m.output(m.q(m.node("Conv", m.qdq(first, 0.05, 3), m.weights(2, 3, 1, 1, axis=None)), 0.1, output="a"), INT8)
    finish(m, m.node("Relu", m.qdq(second, 0.05, 3)))


@case("Conv2D", "Split", "Conv2D", "Split", "Add")
def split_into_two_quantizations(m: QdqModel) -> None:
    first, second = m.split(m.node("Conv", image(m), m.weights(4, 3, 3, 3)), 2, axis=1)
    finish(m, m.node("Add", m.qdq(first, 0.2, 1), m.qdq(second, 0.3, -2)))


@case("Split", "Add", "Sub", opset=18)
def split_into_uneven_parts(m: QdqModel) -> None:
    first, second, third = m.split(row(m, 8), 3, axis=-1, num_outputs=3)
    m.output(m.q(m.node("Add", first, second), 0.1, output="a"), INT8)
    finish(m, m.node("Sub", third, third))


@case("Split", "Relu")
def split_of_integers_with_an_unused_part(m: QdqModel) -> None:
    parts = m.split(m.input("x", [2, 3, 4], INT8), 3, axis=1)
    finish(m, m.node("Transpose", m.node("Relu", m.dq(parts[1], 0.1, 5)), perm=[2, 0, 1]))


@case("FullyConnected")
def split_and_concat_of_weights(m: QdqModel) -> None:
    """Constants are put together at build time, and one part alone is the whole."""
    values = m.constant(m.random.integers(-127, 128, (12, 6)), np.int8)
    first, second = m.split(m.dq(values, 0.010307), 2, axis=1)
    weights = m.qdq(m.node("Concat", second, first, axis=1), 0.010307)
    (x,) = m.split(m.node("Concat", row(m), axis=0), 1, axis=1)
    finish(m, m.node("MatMul", x, weights))
