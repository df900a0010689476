# SPDX-License-Identifier: Apache-2.0
"""Operators with weights, and products of two matrices.

Two-dimensional operators read and write NHWC. `padding` is (top, left, bottom, right); `*_dims` are (height, width).
One-dimensional ones read and write NLC, `padding` is (before, after); three-dimensional ones NDHWC, `padding` has the three
extents before, then the three after.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.graph.operator.base import Activation, Dims, Operator, broadcast_dims, window_dims

KERNEL = {1: "k", 2: "kh,kw", 3: "kd,kh,kw"}


def _convolution_dims(operator: Conv1D | Conv2D | Conv3D, inputs: Sequence[Dims]) -> Dims:
    """Dims of a convolution of inputs[0] with weights inputs[1]."""
    x, weights = inputs[0], inputs[1]
    windows = window_dims(x, operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding)
    if len(weights) != len(x):
        raise ValueError(f"weights {weights} are not [O,{KERNEL[len(x) - 2]},C/groups]")
    fits = weights[1:-1] == operator.kernel_dims and weights[-1] * operator.groups == x[-1]
    if not fits or weights[0] % operator.groups:
        raise ValueError(f"weights {weights} do not fit input {x} with {operator.groups} groups")
    return (*windows, weights[0])


def _depthwise_dims(operator: DepthwiseConv1D | DepthwiseConv2D, inputs: Sequence[Dims]) -> Dims:
    """Dims of a depthwise convolution of inputs[0] with weights inputs[1]."""
    x, weights = inputs[0], inputs[1]
    windows = window_dims(x, operator.kernel_dims, operator.stride_dims, operator.dilation_dims, operator.padding)
    if weights != (*operator.kernel_dims, x[-1] * operator.channel_multiplier):
        raise ValueError(f"weights {weights} do not fit input {x} times {operator.channel_multiplier}")
    return (*windows, weights[-1])


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
class Conv3D(Operator):
    """Inputs: x [N,D,H,W,C], weights [O,kd,kh,kw,C/groups], optional bias [O]."""

    kernel_dims: tuple[int, int, int]
    stride_dims: tuple[int, int, int] = (1, 1, 1)
    dilation_dims: tuple[int, int, int] = (1, 1, 1)
    padding: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
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
class TransposedConv2D(Operator):
    """Inputs: x [N,H,W,C], weights [O,kh,kw,C/groups], optional bias [O]. The gradient of a convolution by its input.

    Input pixel (y, x) times weight (ky, kx) is added to output pixel (y * stride + ky * dilation - top, x * stride + ...).

    Args:
        padding: (top, left, bottom, right), what is cut off the output; may be negative, which adds rows of bias.
        output_padding: rows and columns more at the bottom and right.
    """

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    output_padding: tuple[int, int] = (0, 0)
    groups: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _transposed_dims(self, inputs)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(inputs[0]) * math.prod(inputs[1][:-1]) // self.groups


@dataclass(frozen=True, slots=True, kw_only=True)
class TransposedConv1D(Operator):
    """Inputs: x [N,L,C], weights [O,k,C/groups], optional bias [O]; otherwise as TransposedConv2D."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    dilation_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    output_padding: tuple[int] = (0,)
    groups: int = 1
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return _transposed_dims(self, inputs)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(inputs[0]) * math.prod(inputs[1][:-1]) // self.groups


def _transposed_dims(operator: TransposedConv1D | TransposedConv2D, inputs: Sequence[Dims]) -> Dims:
    """Dims of a transposed convolution of inputs[0] with weights inputs[1]."""
    x, weights = inputs[0], inputs[1]
    rank = len(operator.kernel_dims)
    if len(x) != rank + 2 or len(weights) != rank + 2:
        raise ValueError(f"input {x} and weights {weights} do not have {rank + 2} dimensions")
    fits = weights[1:-1] == operator.kernel_dims and weights[-1] * operator.groups == x[-1]
    if not fits or weights[0] % operator.groups:
        raise ValueError(f"weights {weights} do not fit input {x} with {operator.groups} groups")
    before, after = operator.padding[:rank], operator.padding[rank:]
    axes = zip(
        x[1:-1],
        operator.kernel_dims,
        operator.stride_dims,
        operator.dilation_dims,
        operator.output_padding,
        strict=True,
    )
    counts = tuple(
        (size - 1) * stride + (kernel - 1) * dilation + 1 + more - before[axis] - after[axis]
        for axis, (size, kernel, stride, dilation, more) in enumerate(axes)
    )
    if min(counts) < 1:
        raise ValueError(f"padding {operator.padding} leaves nothing of input {x} with kernel {operator.kernel_dims}")
    return (x[0], *counts, weights[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class MatMul(Operator):
    """Inputs: a [..., M, K], b [..., K, N], both computed at run time or constant. Output: [..., M, N], batches broadcast.

    Args:
        transpose_a, transpose_b: whether a is stored [..., K, M], b [..., N, K].
    """

    transpose_a: bool = False
    transpose_b: bool = False
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        a, b = inputs[0], inputs[1]
        if min(len(a), len(b)) < 2:
            raise ValueError(f"dims {a} and {b} are not two matrices")
        rows, inner = (a[-1], a[-2]) if self.transpose_a else (a[-2], a[-1])
        other, columns = (b[-1], b[-2]) if self.transpose_b else (b[-2], b[-1])
        if inner != other:
            raise ValueError(f"dims {a} and {b} do not fit each other as matrices")
        return (*broadcast_dims([a[:-2], b[:-2]]), rows, columns)

    def macs(self, inputs: Sequence[Dims], output: Dims) -> int:
        return math.prod(output) * (inputs[0][-2] if self.transpose_a else inputs[0][-1])
