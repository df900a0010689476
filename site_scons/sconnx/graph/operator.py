# SPDX-License-Identifier: Apache-2.0
"""Operators: what a node computes. The dimension is in the name; attributes are typed fields.

Two-dimensional operators read and write NHWC. `padding` is (top, left, bottom, right); `*_dims` are (height, width).
One-dimensional ones read and write NLC. `padding` is (before, after); `*_dims` are (length,).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import ClassVar

Dims = tuple[int, ...]


class Activation(Enum):
    """Clamp fused to the end of an operator."""

    NONE = "none"
    RELU = "relu"
    RELU6 = "relu6"
    RELU_N1_TO_1 = "relu_n1_to_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Base of all operators; a subclass is registered under its class name, unless it stands for operators of other names."""

    types: ClassVar[dict[str, type[Operator]]] = {}

    def __init_subclass__(cls, *, stands_for_others: bool = False, **kwargs: object) -> None:
        super(Operator, cls).__init_subclass__(**kwargs)
        if stands_for_others:
            return
        known = Operator.types.get(cls.__name__)
        if known is not None and known.__module__ + known.__qualname__ != cls.__module__ + cls.__qualname__:
            raise TypeError(f"operator {cls.__name__} is defined twice: in {known.__module__} and {cls.__module__}")
        Operator.types[cls.__name__] = cls

    @property
    def type_name(self) -> str:
        """The operator's name, `Conv2D`."""
        return type(self).__name__

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        """Dims of the output from the dims of the inputs. Raises ValueError when they do not fit the operator."""
        return inputs[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        """Dims of all outputs; most operators have one."""
        return (self.output_dims(inputs),)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        """Multiply-accumulates of one run."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueOperator(Operator, stands_for_others=True):
    """An operator that the running step does not know: it was defined in a user's folder, which this step does not load.

    Steps behind `lower` need no more than its name.
    """

    name: str
    attributes: tuple[tuple[str, object], ...]

    @property
    def type_name(self) -> str:
        return self.name


def window_count(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """How many windows fit along one dimension: floor((size + pads - ((kernel - 1) * dilation + 1)) / stride) + 1."""
    return (size + before + after - ((kernel - 1) * dilation + 1)) // stride + 1


def _window_dims(dims: Dims, kernel: Dims, stride: Dims, dilation: Dims, padding: Dims) -> Dims:
    """(batch, positions along each spatial dimension) after sliding a window over NHWC or NLC dims.

    Args:
        padding: before each spatial dimension, then after each.
    """
    rank = len(kernel)
    if len(dims) != rank + 2:
        raise ValueError(f"input dims {dims} are not {'NHWC' if rank == 2 else 'NLC'}")
    axes = zip(dims[1:-1], kernel, stride, dilation, padding[:rank], padding[rank:], strict=True)
    counts = tuple(window_count(*axis) for axis in axes)
    if min(counts) < 1:
        raise ValueError(f"kernel {kernel} does not fit input dims {dims} with padding {padding}")
    return (dims[0], *counts)


def _convolution_dims(operator: Conv1D | Conv2D, inputs: Sequence[Dims]) -> Dims:
    """Dims of a convolution of inputs[0] with weights inputs[1]."""
    x, weights = inputs[0], inputs[1]
    windows = _window_dims(x, operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding)
    if len(weights) != len(x):
        raise ValueError(f"weights {weights} are not [O,{'kh,kw' if len(x) == 4 else 'k'},C/groups]")
    fits = weights[1:-1] == operator.kernel_dims and weights[-1] * operator.groups == x[-1]
    if not fits or weights[0] % operator.groups:
        raise ValueError(f"weights {weights} do not fit input {x} with {operator.groups} groups")
    return (*windows, weights[0])


def _depthwise_dims(operator: DepthwiseConv1D | DepthwiseConv2D, inputs: Sequence[Dims]) -> Dims:
    """Dims of a depthwise convolution of inputs[0] with weights inputs[1]."""
    x, weights = inputs[0], inputs[1]
    windows = _window_dims(x, operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding)
    if weights != (*operator.kernel_dims, x[-1] * operator.channel_multiplier):
        raise ValueError(f"weights {weights} do not fit input {x} times {operator.channel_multiplier}")
    return (*windows, weights[-1])


def _same_dims(inputs: Sequence[Dims]) -> Dims:
    """Dims of an element-wise operator of two tensors."""
    if inputs[0] != inputs[1]:
        raise ValueError(f"dims {inputs[0]} and {inputs[1]} differ; broadcasting is not supported")
    return inputs[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conv2D(Operator):
    """Inputs: x [N,H,W,C], weights [O,kh,kw,C/groups], optional bias [O]."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _convolution_dims(self, inputs)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * math.prod(inputs[1][1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthwiseConv2D(Operator):
    """Inputs: x [N,H,W,C], weights [kh,kw,C*multiplier], optional bias; output channel c*multiplier+m reads channel c."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    channel_multiplier: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _depthwise_dims(self, inputs)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * math.prod(self.kernel_dims)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullyConnected(Operator):
    """Inputs: x [..., I], weights [O, I], optional bias [O]. Output: [..., O]."""

    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if len(inputs[1]) != 2 or inputs[0][-1:] != inputs[1][1:]:
            raise ValueError(f"weights {inputs[1]} do not fit input {inputs[0]}")
        return (*inputs[0][:-1], inputs[1][0])

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * inputs[1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragePooling2D(Operator):
    """Input: x [N,H,W,C]. The mean of each window; padding counts only with `count_include_pad`."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    count_include_pad: bool = False
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return (*_window_dims(inputs[0], self.kernel_dims, self.stride_dims, (1, 1), self.padding), inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPooling2D(Operator):
    """Input: x [N,H,W,C]. The largest element of each window, padding left out; the output keeps x's quantization."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = _window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad2D(Operator):
    """Input: x [N,H,W,C], surrounded by the real value 0; the output keeps x's quantization."""

    padding: tuple[int, int, int, int]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return (*_window_dims(inputs[0], (1, 1), (1, 1), (1, 1), self.padding), inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Conv1D(Operator):
    """Inputs: x [N,L,C], weights [O,k,C/groups], optional bias [O]."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    dilation_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _convolution_dims(self, inputs)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * math.prod(inputs[1][1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthwiseConv1D(Operator):
    """Inputs: x [N,L,C], weights [k,C*multiplier], optional bias; output channel c*multiplier+m reads channel c."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    dilation_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    channel_multiplier: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _depthwise_dims(self, inputs)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * math.prod(self.kernel_dims)


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragePooling1D(Operator):
    """Input: x [N,L,C]. The mean of each window; padding counts only with `count_include_pad`."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    count_include_pad: bool = False
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return (*_window_dims(inputs[0], self.kernel_dims, self.stride_dims, (1,), self.padding), inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPooling1D(Operator):
    """Input: x [N,L,C]. The largest element of each window, padding left out; the output keeps x's quantization."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    dilation_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = _window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


_OF_IMAGES: dict[type[Operator], type[Operator]] = {
    Conv1D: Conv2D,
    DepthwiseConv1D: DepthwiseConv2D,
    AveragePooling1D: AveragePooling2D,
    MaxPooling1D: MaxPooling2D,
}


def as_2d(operator: Operator) -> Operator:
    """A one-dimensional operator as the two-dimensional one on images of height 1; any other operator unchanged.

    The elements of inputs, weights and output are the same, in the same order.
    """
    cls = _OF_IMAGES.get(type(operator))
    if cls is None:
        return operator
    attributes = {field.name: getattr(operator, field.name) for field in fields(operator)}
    for name, value in attributes.items():
        if name.endswith("_dims"):
            attributes[name] = (1, *value)
    before, after = attributes["padding"]
    return cls(**{**attributes, "padding": (0, before, 0, after)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Operator):
    """Inputs: two tensors of the same dims."""

    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _same_dims(inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub(Operator):
    """Inputs: two tensors of the same dims; the second is subtracted from the first."""

    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _same_dims(inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mul(Operator):
    """Inputs: two tensors of the same dims, multiplied element by element."""

    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _same_dims(inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax(Operator):
    """Over the last dimension: exp(beta * x) / sum(exp(beta * x))."""

    beta: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Relu(Operator):
    """max(x, 0), requantised when input and output quantisation differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relu6(Operator):
    """min(max(x, 0), 6), requantised when input and output quantisation differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigmoid(Operator):
    """1 / (1 + exp(-x))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tanh(Operator):
    """Hyperbolic tangent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requantize(Operator):
    """The same real numbers with another scale and zero point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantize(Operator):
    """float32 to the integers of the output's quantisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dequantize(Operator):
    """Integers to the float32 that they stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshape(Operator):
    """The same elements in the same order under other dims."""

    dims: Dims

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if math.prod(self.dims) != math.prod(inputs[0]):
            raise ValueError(f"dims {inputs[0]} cannot be reshaped to {self.dims}")
        return self.dims


@dataclass(frozen=True, slots=True, kw_only=True)
class Transpose(Operator):
    """Dimension i of the output is dimension permutation[i] of the input."""

    permutation: tuple[int, ...]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if sorted(self.permutation) != list(range(len(inputs[0]))):
            raise ValueError(f"permutation {self.permutation} does not fit dims {inputs[0]}")
        return tuple(inputs[0][axis] for axis in self.permutation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concat(Operator):
    """Inputs: tensors that differ in dimension `axis` at most, put one behind the other along it; all have one quantization."""

    axis: int

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        first = inputs[0]
        if not 0 <= self.axis < len(first):
            raise ValueError(f"axis {self.axis} does not fit dims {first}")
        for dims in inputs[1:]:
            if len(dims) != len(first) or _without(dims, self.axis) != _without(first, self.axis):
                raise ValueError(f"dims {first} and {dims} do not fit each other along axis {self.axis}")
        total = sum(dims[self.axis] for dims in inputs)
        return (*first[: self.axis], total, *first[self.axis + 1 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Operator):
    """Input: x. Output i is the i-th part of it along dimension `axis`, `sizes[i]` long; all keep x's quantization."""

    axis: int
    sizes: tuple[int, ...]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return self.dims_of_outputs(inputs)[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        x = inputs[0]
        if not 0 <= self.axis < len(x):
            raise ValueError(f"axis {self.axis} does not fit dims {x}")
        if not self.sizes or min(self.sizes) < 1 or sum(self.sizes) != x[self.axis]:
            raise ValueError(f"parts of {list(self.sizes)} do not make up axis {self.axis} of dims {x}")
        return tuple((*x[: self.axis], size, *x[self.axis + 1 :]) for size in self.sizes)


def _without(dims: Dims, axis: int) -> Dims:
    """All dims but one."""
    return (*dims[:axis], *dims[axis + 1 :])
