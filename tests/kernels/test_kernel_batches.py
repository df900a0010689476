# SPDX-License-Identifier: Apache-2.0
"""Convolutions and poolings of int8 and int16 on batches, against the reference bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_nodes import AnyArray, Given, check
from kernel_strategies import Axis, axes, int8_tensor, seeds
from plain_cases import sliding_fields

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import (
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    MaxPooling1D,
    MaxPooling2D,
)
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

KINDS = st.sampled_from([(DType.INT8, Rule.TFLITE), (DType.INT8, Rule.ONNX), (DType.INT16, Rule.TFLITE)])
"""All that there are kernels for."""

batches = st.integers(2, 3)
activations = st.sampled_from(Activation)
counts = st.integers(1, 6)


def windows(only_padding: bool = True, dilated: bool = True) -> st.SearchStrategy[list[Axis]]:
    """Those of a sequence or of an image."""
    return st.lists(axes(dilated, only_padding), min_size=1, max_size=2)


def images(rng: np.random.Generator, dtype: DType, *dims: int) -> AnyArray:
    return int8_tensor(rng, *dims) if dtype is DType.INT8 else rng.integers(-32768, 32768, dims).astype(np.int16)


def quantization(rng: np.random.Generator, dtype: DType) -> QuantValues:
    if dtype is DType.INT16:
        return QuantValues.of(rng.uniform(1e-4, 2e-4), 0)
    return QuantValues.of(rng.uniform(0.02, 0.06), int(rng.integers(-128, 128)))


@kernel_settings
@given(KINDS, windows(), batches, counts, counts, st.sampled_from((0, 1, 1, 2)), activations, seeds)
def test_convolution(
    libraries: tuple[KernelLibrary, ...],
    kind: tuple[DType, Rule],
    window: list[Axis],
    batch: int,
    per_group: int,
    out_per_group: int,
    groups: int,
    activation: Activation,
    seed: int,
) -> None:
    """Of 0 groups: a depthwise one."""
    rng, (dtype, rule) = np.random.default_rng(seed), kind
    kernel = [axis.kernel for axis in window]
    fields = {**sliding_fields(*window), "activation": activation}
    if groups:
        operator = (Conv1D, Conv2D)[len(window) - 1](**fields, groups=groups)
        channels, outputs, axis = per_group * groups, out_per_group * groups, 0
        weights = int8_tensor(rng, outputs, *kernel, per_group)
    else:
        operator = (DepthwiseConv1D, DepthwiseConv2D)[len(window) - 1](**fields, channel_multiplier=out_per_group)
        channels, outputs, axis = per_group, per_group * out_per_group, len(kernel)
        weights = int8_tensor(rng, *kernel, outputs)
    x, quant = images(rng, dtype, batch, *(one.size for one in window), channels), quantization(rng, dtype)
    scales = rng.uniform(0.002, 0.01, outputs).astype(np.float32)
    bias = rng.integers(-3000, 3000, outputs).astype(np.int64 if dtype is DType.INT16 else np.int32)
    operands = [
        Given(x, quant),
        Given(np.maximum(weights, -127).astype(np.int8), QuantValues.of(scales, 0, axis), True),
        Given(bias, QuantValues.of(quant.scale * scales, 0, 0), True),
    ]
    check(libraries, operator, operands, rule, quantization(rng, dtype), dtype)


@kernel_settings
@given(KINDS, windows(only_padding=False, dilated=False), batches, counts, activations, st.booleans(), seeds)
def test_average_pooling(
    libraries: tuple[KernelLibrary, ...],
    kind: tuple[DType, Rule],
    window: list[Axis],
    batch: int,
    channels: int,
    activation: Activation,
    pads_count: bool,
    seed: int,
) -> None:
    rng, (dtype, rule) = np.random.default_rng(seed), kind
    x, quant = images(rng, dtype, batch, *(axis.size for axis in window), channels), quantization(rng, dtype)
    operator = (AveragePooling1D, AveragePooling2D)[len(window) - 1](
        **sliding_fields(*window), activation=activation, count_include_pad=pads_count and rule is Rule.ONNX
    )
    output = quantization(rng, dtype) if rule is Rule.ONNX else quant
    check(libraries, operator, [Given(x, quant)], rule, output, dtype)


@kernel_settings
@given(KINDS, windows(), batches, counts, activations, seeds)
def test_max_pooling(
    libraries: tuple[KernelLibrary, ...],
    kind: tuple[DType, Rule],
    window: list[Axis],
    batch: int,
    channels: int,
    activation: Activation,
    seed: int,
) -> None:
    rng, (dtype, rule) = np.random.default_rng(seed), kind
    x, quant = images(rng, dtype, batch, *(axis.size for axis in window), channels), quantization(rng, dtype)
    operator = (MaxPooling1D, MaxPooling2D)[len(window) - 1](**sliding_fields(*window), activation=activation)
    check(libraries, operator, [Given(x, quant)], rule, quant, dtype)
