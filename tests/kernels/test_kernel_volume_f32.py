# SPDX-License-Identifier: Apache-2.0
"""Convolutions and poolings of float32 on volumes and batches, by their rules, against the plain reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import Axis, axes, seeds
from plain_cases import agrees, plain_model, random_floats, sliding_fields

from sconnx.graph.operator import (
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    LpPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from sconnx.reference.execute import execute

activations = st.sampled_from(Activation)
counts = st.integers(1, 6)
some_axes = st.lists(axes(), min_size=1, max_size=3)
full_axes = st.lists(axes(only_padding=False), min_size=1, max_size=3)
CONVOLUTIONS = {1: Conv1D, 2: Conv2D, 3: Conv3D}
AVERAGES = {1: AveragePooling1D, 2: AveragePooling2D, 3: AveragePooling3D}
MAXIMA = {1: MaxPooling1D, 2: MaxPooling2D, 3: MaxPooling3D}


@kernel_settings
@given(some_axes, st.integers(1, 3), counts, counts, st.sampled_from((1, 1, 2)), activations, seeds)
def test_convolution(
    libraries: tuple[KernelLibrary, ...],
    window: list[Axis],
    batch: int,
    per_group: int,
    out_per_group: int,
    groups: int,
    activation: Activation,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, batch, *(axis.size for axis in window), per_group * groups)
    weights = random_floats(rng, out_per_group * groups, *(axis.kernel for axis in window), per_group)
    bias = random_floats(rng, out_per_group * groups)
    operator = CONVOLUTIONS[len(window)](**sliding_fields(*window), groups=groups, activation=activation)
    unclamped = plain_model(replace(operator, activation=Activation.NONE), [x.shape, np.abs(weights), np.abs(bias)])
    magnitude = max(float(value.max()) for value in execute(unclamped, [np.abs(x)]).values())
    agrees(libraries, plain_model(operator, [x.shape, weights, bias]), x, magnitude=magnitude)


@kernel_settings
@given(st.lists(axes(), min_size=1, max_size=2), counts, st.integers(1, 5), seeds)
def test_depthwise_of_a_batch(
    libraries: tuple[KernelLibrary, ...], window: list[Axis], channels: int, multiplier: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, 2, *(axis.size for axis in window), channels)
    weights = random_floats(rng, *(axis.kernel for axis in window), channels * multiplier)
    kind = DepthwiseConv1D if len(window) == 1 else DepthwiseConv2D
    operator = kind(**sliding_fields(*window), channel_multiplier=multiplier)
    agrees(libraries, plain_model(operator, [x.shape, weights]), x)


@kernel_settings
@given(full_axes, st.integers(1, 3), counts, activations, st.booleans(), seeds)
def test_pooling(
    libraries: tuple[KernelLibrary, ...],
    window: list[Axis],
    batch: int,
    channels: int,
    activation: Activation,
    pads_count: bool,
    seed: int,
) -> None:
    x = random_floats(np.random.default_rng(seed), batch, *(axis.size for axis in window), channels)
    fields = {**sliding_fields(*window), "activation": activation}
    average = AVERAGES[len(window)](**fields, count_include_pad=pads_count)
    agrees(libraries, plain_model(average, [x.shape]), x)
    agrees(libraries, plain_model(MAXIMA[len(window)](**fields), [x.shape]), x)


@pytest.mark.parametrize("power", [1, 2, 3])
@kernel_settings
@given(axes(), axes(), counts, seeds)
def test_lp_pooling(
    libraries: tuple[KernelLibrary, ...], power: int, rows: Axis, columns: Axis, channels: int, seed: int
) -> None:
    x = random_floats(np.random.default_rng(seed), 1, rows.size, columns.size, channels)
    agrees(libraries, plain_model(LpPooling2D(**sliding_fields(rows, columns), p=power), [x.shape]), x)
