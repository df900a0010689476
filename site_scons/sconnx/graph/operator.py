# SPDX-License-Identifier: Apache-2.0
"""Operators: what a node computes. The dimension is in the name; attributes are typed fields.

Two-dimensional operators read and write NHWC. `padding` is (top, left, bottom, right); `*_dims` are (height, width).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
    """Base of all operators; a subclass is registered under its class name."""

    types: ClassVar[dict[str, type[Operator]]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super(Operator, cls).__init_subclass__(**kwargs)
        known = Operator.types.get(cls.__name__)
        if known is not None and known.__module__ + known.__qualname__ != cls.__module__ + cls.__qualname__:
            raise TypeError(f"operator {cls.__name__} is defined twice: in {known.__module__} and {cls.__module__}")
        Operator.types[cls.__name__] = cls

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        """Dims of the output from the dims of the inputs. Raises ValueError when they do not fit the operator."""
        return inputs[0]

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        """Multiply-accumulates of one run."""
        return 0


def window_count(size: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> int:
    """How many windows fit along one dimension: floor((size + pads - ((kernel - 1) * dilation + 1)) / stride) + 1."""
    return (size + before + after - ((kernel - 1) * dilation + 1)) // stride + 1


def _window_dims(
    inputs: Sequence[Dims],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int, int, int, int],
) -> tuple[int, int, int]:
    """(batch, height, width) after sliding a window over the NHWC dims inputs[0]."""
    if len(inputs[0]) != 4:
        raise ValueError(f"input dims {inputs[0]} are not NHWC")
    batch, in_height, in_width, _ = inputs[0]
    top, left, bottom, right = padding
    height = window_count(in_height, kernel[0], stride[0], dilation[0], top, bottom)
    width = window_count(in_width, kernel[1], stride[1], dilation[1], left, right)
    if height < 1 or width < 1:
        raise ValueError(f"kernel {kernel} does not fit input dims {inputs[0]} with padding {padding}")
    return batch, height, width


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
        window = _window_dims(inputs, self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        out_channels, height, width, in_channels = inputs[1]
        if (height, width) != self.kernel_dims or in_channels * self.groups != inputs[0][3] or out_channels % self.groups:
            raise ValueError(f"weights {inputs[1]} do not fit input {inputs[0]} with {self.groups} groups")
        return (*window, out_channels)

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
        window = _window_dims(inputs, self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        if inputs[1] != (*self.kernel_dims, inputs[0][3] * self.channel_multiplier):
            raise ValueError(f"weights {inputs[1]} do not fit input {inputs[0]} times {self.channel_multiplier}")
        return (*window, inputs[1][2])

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * math.prod(self.kernel_dims)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullyConnected(Operator):
    """Inputs: x [..., I], weights [O, I], optional bias [O]. Output: [..., O]."""

    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if inputs[0][-1] != inputs[1][1]:
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
        return (*_window_dims(inputs, self.kernel_dims, self.stride_dims, (1, 1), self.padding), inputs[0][3])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPooling2D(Operator):
    """Input: x [N,H,W,C]. The largest element of each window, padding left out; the output keeps x's quantization."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        window = _window_dims(inputs, self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*window, inputs[0][3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Operator):
    """Inputs: two tensors of the same dims."""

    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if inputs[0] != inputs[1]:
            raise ValueError(f"dims {inputs[0]} and {inputs[1]} differ; broadcasting is not supported")
        return inputs[0]


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
