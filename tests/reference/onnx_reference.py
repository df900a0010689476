# SPDX-License-Identifier: Apache-2.0
"""Evaluation of a case of onnx_cases by the reference functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from onnx_cases import PAIRS, REDUCTIONS, UNARIES, Case

from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import Clip, Operator
from sconnx.graph.tensor import DType
from sconnx.reference.binary import Affine, binary
from sconnx.reference.convolution import conv2d, depthwise_conv2d, fully_connected
from sconnx.reference.execute import execute
from sconnx.reference.lookup import lookup, table_of
from sconnx.reference.pad import pad2d
from sconnx.reference.pairs import pair_of
from sconnx.reference.pooling import average_pool, average_pooling2d, max_pooling2d
from sconnx.reference.requantize import Requantize, requantize_fully_connected, requantize_products
from sconnx.reference.rule import Rule
from sconnx.reference.softmax import softmax

Int8Array = NDArray[np.int8]
NAMES = {"Min": "Minimum", "Max": "Maximum", "GreaterOrEqual": "GreaterEqual", "LessOrEqual": "LessEqual"}


class Scales(TypedDict):
    input_scale: float
    input_zero_point: int
    output_scale: float
    output_zero_point: int


def scales(case: Case) -> Scales:
    (x,), y = case.inputs, case.output
    return {
        "input_scale": float(x.scale),
        "input_zero_point": int(x.zero_point),
        "output_scale": float(y.scale),
        "output_zero_point": int(y.zero_point),
    }


def requantization(case: Case, derive: Callable[..., Requantize]) -> Requantize:
    (x,), y = case.inputs, case.output
    activation = "relu" if case.relu else "none"
    weights_scale = case.constants[0].scale
    return derive(Rule.ONNX, float(x.scale), weights_scale, float(y.scale), int(y.zero_point), activation)


def convolution(case: Case) -> Int8Array:
    (x,), (weights, bias), attributes = case.inputs, case.constants, case.attributes
    stride, dilation = tuple(attributes["strides"]), tuple(attributes["dilations"])
    requantize = requantization(case, requantize_products)
    groups = attributes["group"]
    result = conv2d(
        x.values,
        weights.values,
        bias.values,
        input_zero_point=int(x.zero_point),
        weights_zero_point=weights.zero_point,
        stride=stride,
        dilation=dilation,
        padding=tuple(attributes["pads"]),
        groups=groups,
        requantize=requantize,
    )
    if groups == x.values.shape[-1]:
        depthwise = depthwise_conv2d(
            x.values,
            np.moveaxis(weights.values[..., 0], 0, -1),
            bias.values,
            input_zero_point=int(x.zero_point),
            weights_zero_point=weights.zero_point,
            stride=stride,
            dilation=dilation,
            padding=tuple(attributes["pads"]),
            requantize=requantize,
        )
        np.testing.assert_array_equal(result, depthwise)
    return result


def product(case: Case) -> Int8Array:
    (x,), weights = case.inputs, case.constants[0]
    return fully_connected(
        x.values,
        weights.values,
        case.constants[1].values if len(case.constants) > 1 else None,
        input_zero_point=int(x.zero_point),
        weights_zero_point=weights.zero_point,
        requantize=requantization(case, requantize_fully_connected),
    )


def elementwise(case: Case) -> Int8Array:
    left, right, output = (Affine(float(t.scale), int(t.zero_point)) for t in (*case.inputs, case.output))
    function = binary(case.operator, Rule.ONNX, left, right, output, "relu" if case.relu else "none")
    return function(case.inputs[0].values, case.inputs[1].values)


def pair(case: Case) -> NDArray[Any]:
    operator = Operator.types[NAMES.get(case.operator, case.operator)]()
    left, right, output = (Affine(float(t.scale), int(t.zero_point)) for t in (*case.inputs, case.output))
    return pair_of(operator, Rule.ONNX, left, right, output)(*(t.values for t in case.inputs))


def reduction(case: Case) -> NDArray[Any]:
    (given,) = case.inputs
    operator = Operator.types[case.operator](
        axes=tuple(case.attributes["axes"]), keep_dims=bool(case.attributes["keepdims"])
    )
    builder = ModelBuilder("one", Rule.ONNX)
    x = builder.add_input("x", DType.INT8, given.values.shape, QuantValues.of(given.scale, given.zero_point))
    quantization = QuantValues.of(case.output.scale, case.output.zero_point)
    y = builder.add_node(operator, (x,), name="n", source_index=0, output_name="y", quantization=quantization)
    (result,) = execute(builder.build([y]), [given.values]).values()
    return result


def padded(case: Case) -> Int8Array:
    (x,), pads = case.inputs, case.attributes["pads"]
    return pad2d(x.values, pads, int(x.zero_point))


def pooling(case: Case) -> Int8Array:
    (x,), attributes = case.inputs, case.attributes
    padding = tuple(attributes.get("pads", (0, 0, 0, 0)))
    height, width = attributes.get("kernel_shape", x.values.shape[1:3])
    stride = tuple(attributes.get("strides", (1, 1)))
    if case.operator == "MaxPool":
        return max_pooling2d(x.values, kernel=(height, width), stride=stride, padding=padding)
    average = average_pool(
        Rule.ONNX,
        (height, width),
        count_include_pad=bool(attributes.get("count_include_pad", 0)),
        **scales(case),
    )
    return average_pooling2d(x.values, kernel=(height, width), stride=stride, padding=padding, average=average)


def normalised_exponentials(case: Case) -> Int8Array:
    (x,), y = case.inputs, case.output
    function = softmax(
        Rule.ONNX,
        input_scale=float(x.scale),
        output_scale=float(y.scale),
        output_zero_point=int(y.zero_point),
    )
    return function(x.values)


def table(case: Case) -> Int8Array:
    name = {"Identity": "Requantize"}.get(case.operator, case.operator)
    attributes = {{"lambd": "threshold"}.get(key, key): value for key, value in case.attributes.items()}
    operator = Clip(low=0.0, high=6.0) if name == "Clip" else Operator.types[name](**attributes)
    return lookup(case.inputs[0].values, table_of(operator, Rule.ONNX, **scales(case)))


EVALUATORS: dict[str, Callable[[Case], NDArray[Any]]] = {
    "Conv": convolution,
    "Gemm": product,
    "MatMul": product,
    "Add": elementwise,
    "Sub": elementwise,
    "Mul": elementwise,
    "Pad": padded,
    "AveragePool": pooling,
    "GlobalAveragePool": pooling,
    "MaxPool": pooling,
    "Softmax": normalised_exponentials,
    "Relu": table,
    "Clip": table,
    "Identity": table,
    "Sigmoid": table,
    "Tanh": table,
    **dict.fromkeys(UNARIES, table),
    **dict.fromkeys(PAIRS, pair),
    **dict.fromkeys(REDUCTIONS, reduction),
}
