# SPDX-License-Identifier: Apache-2.0
"""Kernels of float32 with windows, by their rules, against the plain reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import Axis, axes, seeds
from plain_cases import agrees, plain_model, random_floats, sliding_fields

from sconnx.export.access import Fold
from sconnx.export.node import export_node
from sconnx.graph.operator import (
    Activation,
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    FullyConnected,
    MaxPooling1D,
    MaxPooling2D,
)

activations = st.sampled_from(Activation)
counts = st.one_of(st.integers(1, 9), st.sampled_from((12, 17)))
short_axes = axes(only_padding=False)


@kernel_settings
@given(axes(), axes(), counts, counts, st.sampled_from((1, 1, 2, 3)), activations, st.booleans(), seeds)
def test_conv2d(
    libraries: tuple[KernelLibrary, ...],
    rows: Axis,
    columns: Axis,
    per_group: int,
    out_per_group: int,
    groups: int,
    activation: Activation,
    has_bias: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, 1, rows.size, columns.size, per_group * groups)
    weights = random_floats(rng, out_per_group * groups, rows.kernel, columns.kernel, per_group)
    bias = random_floats(rng, out_per_group * groups) if has_bias else None
    operator = Conv2D(**sliding_fields(rows, columns), groups=groups, activation=activation)
    agrees(libraries, plain_model(operator, [x.shape, weights, bias]), x)


@kernel_settings
@given(axes(), axes(), counts, st.sampled_from((1, 1, 2, 4, 5)), activations, st.booleans(), seeds)
def test_depthwise_conv2d(
    libraries: tuple[KernelLibrary, ...],
    rows: Axis,
    columns: Axis,
    channels: int,
    multiplier: int,
    activation: Activation,
    has_bias: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, 1, rows.size, columns.size, channels)
    weights = random_floats(rng, rows.kernel, columns.kernel, channels * multiplier)
    bias = random_floats(rng, channels * multiplier) if has_bias else None
    operator = DepthwiseConv2D(
        **sliding_fields(rows, columns),
        channel_multiplier=multiplier,
        activation=activation,
    )
    agrees(libraries, plain_model(operator, [x.shape, weights, bias]), x)


@kernel_settings
@given(axes(), counts, counts, activations, seeds)
def test_convolutions_of_sequences(
    libraries: tuple[KernelLibrary, ...],
    axis: Axis,
    channels: int,
    out_channels: int,
    activation: Activation,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, 1, axis.size, channels)
    weights = random_floats(rng, out_channels, axis.kernel, channels)
    operator = Conv1D(**sliding_fields(axis), activation=activation)
    agrees(libraries, plain_model(operator, [x.shape, weights]), x)
    weights = random_floats(rng, axis.kernel, channels)
    depthwise = DepthwiseConv1D(**sliding_fields(axis), activation=activation)
    agrees(libraries, plain_model(depthwise, [x.shape, weights]), x)


@kernel_settings
@given(st.lists(st.integers(1, 4), max_size=2), st.integers(1, 70), counts, activations, st.booleans(), seeds)
def test_fully_connected(
    libraries: tuple[KernelLibrary, ...],
    batch: list[int],
    features: int,
    out_features: int,
    activation: Activation,
    has_bias: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, *batch, features)
    weights = random_floats(rng, out_features, features)
    bias = random_floats(rng, out_features) if has_bias else None
    agrees(libraries, plain_model(FullyConnected(activation=activation), [x.shape, weights, bias]), x)


@pytest.mark.parametrize("kind", [AveragePooling2D, MaxPooling2D])
@kernel_settings
@given(short_axes, short_axes, counts, activations, st.booleans(), seeds)
def test_pooling2d(
    libraries: tuple[KernelLibrary, ...],
    kind: type[AveragePooling2D | MaxPooling2D],
    rows: Axis,
    columns: Axis,
    channels: int,
    activation: Activation,
    pads_count: bool,
    seed: int,
) -> None:
    x = random_floats(np.random.default_rng(seed), 1, rows.size, columns.size, channels)
    more = {"count_include_pad": pads_count} if kind is AveragePooling2D else {}
    operator = kind(**sliding_fields(rows, columns), **more, activation=activation)
    agrees(libraries, plain_model(operator, [x.shape]), x)


@pytest.mark.parametrize("kind", [AveragePooling1D, MaxPooling1D])
@kernel_settings
@given(short_axes, counts, seeds)
def test_pooling1d(
    libraries: tuple[KernelLibrary, ...],
    kind: type[AveragePooling1D | MaxPooling1D],
    axis: Axis,
    channels: int,
    seed: int,
) -> None:
    x = random_floats(np.random.default_rng(seed), 1, axis.size, channels)
    agrees(libraries, plain_model(kind(**sliding_fields(axis)), [x.shape]), x)


@pytest.mark.parametrize("kind", [AveragePooling2D, MaxPooling2D])
@kernel_settings
@given(st.integers(3, 9), short_axes, counts, activations, seeds)
def test_folded_pooling(
    libraries: tuple[KernelLibrary, ...],
    kind: type[AveragePooling2D | MaxPooling2D],
    height: int,
    columns: Axis,
    channels: int,
    activation: Activation,
    seed: int,
) -> None:
    x = random_floats(np.random.default_rng(seed), 1, height, columns.size, channels)
    operator = kind(**sliding_fields(Axis(height, height, 1, 1, 0, 0), columns), activation=activation)
    agrees(libraries, plain_model(operator, [x.shape]), x)


def test_global_pooling_folds() -> None:
    from kernel_cases import GENERIC, rule_of

    for kind in (AveragePooling2D, MaxPooling2D):
        node = export_node(plain_model(kind(kernel_dims=(6, 5)), [(1, 6, 5, 7)]).graph, 0)
        assert isinstance(rule_of(node, GENERIC).access(node), Fold)


def test_nan_and_infinity_pass_through(libraries: tuple[KernelLibrary, ...]) -> None:
    x = np.zeros((1, 2, 4, 5), np.float32)
    x[0, 0, 1, 2], x[0, 1, 2, 1], x[0, 0, 3, 4] = np.nan, np.inf, -np.inf
    weights = np.ones((5, 1, 1, 5), np.float32)
    relu = Activation.RELU
    for operator, inputs in (
        (Conv2D(kernel_dims=(1, 1), activation=relu), [x.shape, weights]),
        (AveragePooling2D(kernel_dims=(2, 2)), [x.shape]),
    ):
        agrees(libraries, plain_model(operator, inputs), x)
    pooling = MaxPooling2D(kernel_dims=(1, 2), activation=relu)
    agrees(libraries, plain_model(pooling, [x.shape]), np.nan_to_num(x, nan=1.0, posinf=np.inf, neginf=-np.inf))
