# SPDX-License-Identifier: Apache-2.0
"""Run a whole model with the reference arithmetic: the oracle of the generated code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from sconnx.graph.model import Model
from sconnx.graph.node import Node
from sconnx.graph.operator import (
    Add,
    AveragePooling1D,
    AveragePooling2D,
    Concat,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling1D,
    MaxPooling2D,
    Mul,
    Operator,
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
    as_2d,
)
from sconnx.reference.binary import Affine, binary
from sconnx.reference.convolution import conv2d, depthwise_conv2d, fully_connected
from sconnx.reference.lookup import activation_table, lookup, sigmoid_table, tanh_table
from sconnx.reference.pad import pad2d
from sconnx.reference.parts import concat, split
from sconnx.reference.plain import PLAIN
from sconnx.reference.pooling import average_pool, average_pooling2d, max_pooling2d
from sconnx.reference.requantize import activation_limits, requantize_fully_connected, requantize_products
from sconnx.reference.softmax import softmax

Int8Array = NDArray[np.int8]
Values = dict[int, NDArray[np.generic]]


def execute(model: Model, inputs: Sequence[NDArray[np.generic]]) -> Values:
    """The value of every computed tensor by tensor index, in the stored order of dimensions.

    Args:
        inputs: one array per graph input, of its dims and dtype.

    Raises:
        ValueError: the inputs do not fit the graph.
        KeyError: an operator has no reference.
    """
    graph = model.graph
    if len(inputs) != len(graph.inputs):
        raise ValueError(f"{len(inputs)} inputs for a graph of {len(graph.inputs)}")
    values: Values = dict(model.params.value)
    for index, value in zip(graph.inputs, inputs, strict=True):
        tensor = graph.tensors[index]
        if value.shape != tensor.dims or value.dtype.name != tensor.dtype.value:
            raise ValueError(f"input {tensor.name!r} is {value.dtype} {value.shape}")
        values[index] = value
    for node in graph.nodes:
        result = reference_of(model, node)(Run(model, node, values))
        values.update(zip(node.outputs, result if isinstance(result, tuple) else (result,), strict=True))
    return {index: values[index] for node in graph.nodes for index in node.outputs}


class _Scales(TypedDict):
    input_scale: float
    input_zero_point: int
    output_scale: float
    output_zero_point: int


class Run:
    """One node: its operand values and quantisations by position."""

    def __init__(self, model: Model, node: Node, values: Values) -> None:
        self.params = model.params
        self.rule = model.graph.rule
        self.node = node
        self.values = values
        self.dtypes = tuple(np.dtype(model.graph.tensors[tensor].dtype.value) for tensor in node.outputs)

    @property
    def operands(self) -> tuple[NDArray[Any] | None, ...]:
        """The values of all inputs by position; None where one is absent."""
        return tuple(None if tensor is None else self.values[tensor] for tensor in self.node.inputs)

    def int8(self, position: int) -> Int8Array:
        tensor = self.node.inputs[position]
        assert tensor is not None
        return cast(Int8Array, self.values[tensor])

    def image(self, position: int) -> Int8Array:
        """An input or the weights of a two-dimensional operator; those of a one-dimensional one get a height of 1."""
        value = self.int8(position)
        return value if as_2d(self.node.operator) is self.node.operator else np.expand_dims(value, -3)

    @property
    def bias(self) -> NDArray[np.int32] | None:
        tensor = self.node.inputs[2] if len(self.node.inputs) > 2 else None
        return None if tensor is None else cast(NDArray[np.int32], self.values[tensor])

    def affine(self, tensor: int | None) -> Affine:
        assert tensor is not None
        return Affine(float(self.params.scale[tensor][0]), int(self.params.zero_point[tensor][0]))

    @property
    def scales(self) -> _Scales:
        x, y = self.affine(self.node.inputs[0]), self.affine(self.node.outputs[0])
        return {
            "input_scale": x.scale,
            "input_zero_point": x.zero_point,
            "output_scale": y.scale,
            "output_zero_point": y.zero_point,
        }

    def weighted(self, derive: Callable[..., Any]) -> dict[str, Any]:
        """The quantisation arguments of the functions with weights."""
        weights = self.node.inputs[1]
        assert weights is not None
        x, y = self.affine(self.node.inputs[0]), self.affine(self.node.outputs[0])
        activation = cast(Any, self.node.operator).activation.value
        return {
            "input_zero_point": x.zero_point,
            "weights_zero_point": self.params.zero_point[weights],
            "requantize": derive(self.rule, x.scale, self.params.scale[weights], y.scale, y.zero_point, activation),
        }


Reference = Callable[[Run], Int8Array | tuple[Int8Array, ...]]
"""Gives the output of a node, or all its outputs."""
Function = TypeVar("Function", bound=Reference)


def _conv2d(run: Run) -> Int8Array:
    operator = cast(Conv2D, as_2d(run.node.operator))
    return conv2d(
        run.image(0),
        run.image(1),
        run.bias,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        groups=operator.groups,
        **run.weighted(requantize_products),
    )


def _depthwise_conv2d(run: Run) -> Int8Array:
    operator = cast(DepthwiseConv2D, as_2d(run.node.operator))
    return depthwise_conv2d(
        run.image(0),
        run.image(1),
        run.bias,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        **run.weighted(requantize_products),
    )


def _fully_connected(run: Run) -> Int8Array:
    return fully_connected(run.int8(0), run.int8(1), run.bias, **run.weighted(requantize_fully_connected))


def _average_pooling2d(run: Run) -> Int8Array:
    operator = cast(AveragePooling2D, as_2d(run.node.operator))
    average = average_pool(
        run.rule,
        operator.kernel_dims,
        activation=operator.activation.value,
        count_include_pad=operator.count_include_pad,
        **run.scales,
    )
    return average_pooling2d(
        run.image(0),
        kernel=operator.kernel_dims,
        stride=operator.stride_dims,
        padding=operator.padding,
        average=average,
    )


def _max_pooling2d(run: Run) -> Int8Array:
    operator = cast(MaxPooling2D, as_2d(run.node.operator))
    output = run.affine(run.node.outputs[0])
    minimum, maximum = activation_limits(operator.activation.value, output.scale, output.zero_point, run.rule)
    return max_pooling2d(
        run.image(0),
        kernel=operator.kernel_dims,
        stride=operator.stride_dims,
        dilation=operator.dilation_dims,
        padding=operator.padding,
        minimum=minimum,
        maximum=maximum,
    )


def _binary(run: Run) -> Int8Array:
    left, right = run.node.inputs
    activation = cast(Add | Sub | Mul, run.node.operator).activation.value
    output = run.affine(run.node.outputs[0])
    function = binary(run.node.type, run.rule, run.affine(left), run.affine(right), output, activation)
    return function(run.int8(0), run.int8(1))


def _pad2d(run: Run) -> Int8Array:
    return pad2d(run.int8(0), cast(Pad2D, run.node.operator).padding, run.affine(run.node.inputs[0]).zero_point)


def _softmax(run: Run) -> Int8Array:
    x, y = run.affine(run.node.inputs[0]), run.affine(run.node.outputs[0])
    beta = cast(Softmax, run.node.operator).beta
    return softmax(run.rule, input_scale=x.scale, output_scale=y.scale, output_zero_point=y.zero_point, beta=beta)(
        run.int8(0)
    )


def _concat(run: Run) -> Int8Array:
    return concat(
        [run.int8(position) for position in range(len(run.node.inputs))], cast(Concat, run.node.operator).axis
    )


def _split(run: Run) -> tuple[Int8Array, ...]:
    operator = cast(Split, run.node.operator)
    return split(run.int8(0), operator.axis, operator.sizes)


def _of_sequence(of_image: Callable[[Run], Int8Array]) -> Callable[[Run], Int8Array]:
    """The reference of a one-dimensional operator by that of the two-dimensional one."""
    return lambda run: of_image(run)[:, 0]


def _clamped(activation: str) -> Callable[[Run], Int8Array]:
    return lambda run: lookup(run.int8(0), activation_table(run.rule, activation, **run.scales))


OPERATORS: dict[type[Operator], Reference] = {
    Conv2D: _conv2d,
    Conv1D: _of_sequence(_conv2d),
    DepthwiseConv2D: _depthwise_conv2d,
    DepthwiseConv1D: _of_sequence(_depthwise_conv2d),
    FullyConnected: _fully_connected,
    AveragePooling2D: _average_pooling2d,
    AveragePooling1D: _of_sequence(_average_pooling2d),
    MaxPooling2D: _max_pooling2d,
    MaxPooling1D: _of_sequence(_max_pooling2d),
    Add: _binary,
    Sub: _binary,
    Mul: _binary,
    Softmax: _softmax,
    Relu: _clamped("relu"),
    Relu6: _clamped("relu6"),
    Requantize: _clamped("none"),
    Sigmoid: lambda run: lookup(run.int8(0), sigmoid_table(run.rule, **run.scales)),
    Tanh: lambda run: lookup(run.int8(0), tanh_table(run.rule, **run.scales)),
    Reshape: lambda run: run.int8(0).reshape(cast(Reshape, run.node.operator).dims),
    Pad2D: _pad2d,
    Transpose: lambda run: np.transpose(run.int8(0), cast(Transpose, run.node.operator).permutation),
    Concat: _concat,
    Split: _split,
}
"""The reference of each operator."""


def is_quantized(model: Model, node: Node) -> bool:
    """Whether integers of one of a node's operands stand for real numbers."""
    return any(model.graph.tensors[tensor].quantization is not None for tensor in (*node.reads, *node.outputs))


def reference_of(model: Model, node: Node) -> Callable[[Run], Any]:
    """The reference of a node: of quantised tensors where there is one, else the plain one. KeyError: there is none."""
    operator = type(node.operator)
    if operator in OPERATORS and (is_quantized(model, node) or operator not in PLAIN):
        return OPERATORS[operator]
    return PLAIN[operator]


def reference(operator: type[Operator]) -> Callable[[Function], Function]:
    """Register the reference function of an operator that is defined elsewhere; it gives the output, or a tuple of outputs."""

    def register(function: Function) -> Function:
        OPERATORS[operator] = function
        return function

    return register
