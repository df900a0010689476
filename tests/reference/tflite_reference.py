# SPDX-License-Identifier: Apache-2.0
"""Evaluation of a case of tflite_cases by the reference functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tflite_nodes
from numpy.typing import NDArray
from tflite_cases import ACTIVATIONS, COMPARISONS, PAIRS, REDUCTIONS, Case, same_padding

from sconnx.graph.operator import (
    Abs,
    Elu,
    HardSwish,
    L2Normalization,
    LeakyRelu,
    LogSoftmax,
    Operator,
    Relu,
    Relu6,
    Requantize,
    Rsqrt,
    Sigmoid,
    Tanh,
)
from sconnx.reference.binary import Affine, binary
from sconnx.reference.comparison import comparison, extreme
from sconnx.reference.convolution import conv2d, depthwise_conv2d, fully_connected
from sconnx.reference.lookup import lookup, table_of
from sconnx.reference.pad import pad2d
from sconnx.reference.parts import concat, split
from sconnx.reference.pooling import average_pool, average_pooling2d, max_pooling2d
from sconnx.reference.requantize import (
    activation_limits,
    requantize_fully_connected,
    requantize_products,
)
from sconnx.reference.rule import Rule
from sconnx.reference.softmax import softmax

Int8Array = NDArray[np.int8]
Pair = tuple[int, int]


def activation(case: Case) -> str:
    return ACTIVATIONS[case.options["fusedActivationFunction"]]


def padding(case: Case, kernel: Pair, stride: Pair, dilation: Pair) -> tuple[int, int, int, int]:
    if case.options["padding"] == 1:
        return (0, 0, 0, 0)
    height, width = case.inputs[0].shape[1:3]
    top, bottom = same_padding(height, kernel[0], stride[0], dilation[0])
    left, right = same_padding(width, kernel[1], stride[1], dilation[1])
    return top, left, bottom, right


def convolution(case: Case) -> Int8Array:
    (x,), (weights, bias), y, options = case.inputs, case.constants, case.output, case.options
    stride = (options["strideH"], options["strideW"])
    dilation = (options["dilationHFactor"], options["dilationWFactor"])
    requantize = requantize_products(Rule.TFLITE, x.scale[0], weights.scale, y.scale[0], y.zero_point, activation(case))
    kernel = (weights.shape[1], weights.shape[2])
    pads = padding(case, kernel, stride, dilation)
    if case.operator == "CONV_2D":
        return conv2d(
            x.data,
            weights.data,
            bias.data,
            input_zero_point=x.zero_point,
            stride=stride,
            dilation=dilation,
            padding=pads,
            requantize=requantize,
        )
    return depthwise_conv2d(
        x.data,
        weights.data[0],
        bias.data,
        input_zero_point=x.zero_point,
        stride=stride,
        dilation=dilation,
        padding=pads,
        requantize=requantize,
    )


def dense(case: Case) -> Int8Array:
    (x,), (weights, bias), y = case.inputs, case.constants, case.output
    requantize = requantize_fully_connected(
        Rule.TFLITE, x.scale[0], weights.scale, y.scale[0], y.zero_point, activation(case)
    )
    return fully_connected(x.data, weights.data, bias.data, input_zero_point=x.zero_point, requantize=requantize)


def elementwise(case: Case) -> Int8Array:
    left, right, output = (Affine(operand.scale[0], operand.zero_point) for operand in (*case.inputs, case.output))
    function = binary(case.operator.title(), Rule.TFLITE, left, right, output, activation(case))
    return function(case.inputs[0].data, case.inputs[1].data)


def pair(case: Case) -> NDArray[Any]:
    left, right = (Affine(operand.scale[0], operand.zero_point) for operand in case.inputs)
    name = "PRelu" if case.operator == "PRELU" else case.operator.title().replace("_", "")
    a, b = (operand.data for operand in case.inputs)
    if case.operator in COMPARISONS:
        return comparison(name, Rule.TFLITE, left, right)(a, b)
    output = Affine(case.output.scale[0], case.output.zero_point)
    if case.operator in ("MINIMUM", "MAXIMUM"):
        return extreme(name, Rule.TFLITE, left, right, output)(a, b)
    return binary(name, Rule.TFLITE, left, right, output)(a, b)


def padded(case: Case) -> Int8Array:
    (x,), (_, (top, bottom), (left, right), _) = case.inputs, case.constants[0].data.tolist()
    return pad2d(x.data, (top, left, bottom, right), x.zero_point)


def pooling(case: Case) -> Int8Array:
    (x,), options = case.inputs, case.options
    kernel = (options["filterHeight"], options["filterWidth"])
    stride = (options["strideH"], options["strideW"])
    pads = padding(case, kernel, stride, (1, 1))
    if case.operator == "MAX_POOL_2D":
        low, high = activation_limits(activation(case), x.scale[0], x.zero_point)
        return max_pooling2d(x.data, kernel=kernel, stride=stride, padding=pads, minimum=low, maximum=high)
    average = average_pool(
        Rule.TFLITE,
        kernel,
        input_scale=x.scale[0],
        input_zero_point=x.zero_point,
        output_scale=case.output.scale[0],
        output_zero_point=case.output.zero_point,
        activation=activation(case),
    )
    return average_pooling2d(x.data, kernel=kernel, stride=stride, padding=pads, average=average)


def concatenated(case: Case) -> Int8Array:
    return concat([operand.data for operand in case.inputs], case.options["axis"])


def cut(case: Case) -> Int8Array:
    """All outputs as one flat array; one output as it is."""
    (x,), axis = case.inputs, int(case.constants[-1].data)
    outputs = split(x.data, axis, [output.shape[axis] for output in (case.output, *case.further_outputs)])
    return np.concatenate([output.reshape(-1) for output in outputs]) if case.further_outputs else outputs[0]


def normalised_exponentials(case: Case) -> Int8Array:
    (x,), y = case.inputs, case.output
    function = softmax(
        Rule.TFLITE,
        input_scale=x.scale[0],
        output_scale=y.scale[0],
        output_zero_point=y.zero_point,
        beta=case.options["beta"],
    )
    return function(x.data)


TABLES: dict[str, Callable[..., Operator]] = {
    "QUANTIZE": Requantize,
    "RELU": Relu,
    "RELU6": Relu6,
    "LOGISTIC": Sigmoid,
    "TANH": Tanh,
    "LEAKY_RELU": LeakyRelu,
    "HARD_SWISH": HardSwish,
    "ABS": Abs,
    "ELU": Elu,
    "RSQRT": Rsqrt,
}


def table(case: Case) -> Int8Array:
    (x,), y = case.inputs, case.output
    values = table_of(
        TABLES[case.operator](**case.options),
        Rule.TFLITE,
        input_scale=x.scale[0],
        input_zero_point=x.zero_point,
        output_scale=y.scale[0],
        output_zero_point=y.zero_point,
    )
    return lookup(x.data, values)


EVALUATORS: dict[str, Callable[[Case], NDArray[Any]]] = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": convolution,
    "FULLY_CONNECTED": dense,
    "ADD": elementwise,
    "SUB": elementwise,
    "MUL": elementwise,
    "PAD": padded,
    "PADV2": padded,
    "AVERAGE_POOL_2D": pooling,
    "MAX_POOL_2D": pooling,
    "CONCATENATION": concatenated,
    "SPLIT": cut,
    "SPLIT_V": cut,
    "SOFTMAX": normalised_exponentials,
    "QUANTIZE": table,
    "LOGISTIC": table,
    "TANH": table,
    "RELU": table,
    "RELU6": table,
    "LEAKY_RELU": table,
    "HARD_SWISH": table,
    "ABS": table,
    "ELU": table,
    "RSQRT": table,
    **dict.fromkeys(PAIRS, pair),
    **dict.fromkeys(REDUCTIONS, tflite_nodes.reduction),
    "ARG_MAX": tflite_nodes.arg_extreme,
    "ARG_MIN": tflite_nodes.arg_extreme,
    "CUMSUM": tflite_nodes.cumulative_sum,
    "TRANSPOSE_CONV": tflite_nodes.transposed_convolution,
    "BATCH_MATMUL": tflite_nodes.batch_product,
    "LOG_SOFTMAX": lambda case: tflite_nodes.of_node(case, LogSoftmax()),
    "L2_NORMALIZATION": lambda case: tflite_nodes.of_node(case, L2Normalization()),
    "RESIZE_BILINEAR": tflite_nodes.interpolation,
}
