# SPDX-License-Identifier: Apache-2.0
"""Pooling: NLC, NHWC or NDHWC, by the number in the name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.graph.operator.base import Activation, Dims, Operator, window_dims


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragePooling1D(Operator):
    """Input: x [N,L,C]. The mean of each window; padding counts only with `count_include_pad`."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    dilation_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    count_include_pad: bool = False
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragePooling2D(Operator):
    """Input: x [N,H,W,C]. The mean of each window; padding counts only with `count_include_pad`."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    count_include_pad: bool = False
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPooling1D(Operator):
    """Input: x [N,L,C]. The largest element of each window, padding left out; the output keeps x's quantization."""

    kernel_dims: tuple[int]
    stride_dims: tuple[int] = (1,)
    dilation_dims: tuple[int] = (1,)
    padding: tuple[int, int] = (0, 0)
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPooling2D(Operator):
    """Input: x [N,H,W,C]. The largest element of each window, padding left out; the output keeps x's quantization."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragePooling3D(Operator):
    """Input: x [N,D,H,W,C]. The mean of each window; padding counts only with `count_include_pad`."""

    kernel_dims: tuple[int, int, int]
    stride_dims: tuple[int, int, int] = (1, 1, 1)
    dilation_dims: tuple[int, int, int] = (1, 1, 1)
    padding: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    count_include_pad: bool = False
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPooling3D(Operator):
    """Input: x [N,D,H,W,C]. The largest element of each window, padding left out."""

    kernel_dims: tuple[int, int, int]
    stride_dims: tuple[int, int, int] = (1, 1, 1)
    dilation_dims: tuple[int, int, int] = (1, 1, 1)
    padding: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
    activation: Activation = Activation.NONE

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class LpPooling2D(Operator):
    """Input: x [N,H,W,C]. (sum of |x|^p)^(1/p) of each window, padding being 0."""

    kernel_dims: tuple[int, int]
    stride_dims: tuple[int, int] = (1, 1)
    dilation_dims: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    p: int = 2

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        windows = window_dims(inputs[0], self.kernel_dims, self.stride_dims, self.dilation_dims, self.padding)
        return (*windows, inputs[0][-1])
