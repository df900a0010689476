# SPDX-License-Identifier: Apache-2.0
"""Kernels of float32 that normalise along the last dimension, by their rules, against the plain reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import seeds
from plain_cases import agrees, plain_model, random_floats

from sconnx.graph.operator import (
    Hardmax,
    L2Normalization,
    LayerNormalization,
    LocalResponseNormalization,
    LogSoftmax,
    Softmax,
)

some_dims = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple)


@kernel_settings
@given(some_dims, st.sampled_from((1.0, 0.3, 4.0)), seeds)
def test_softmax(libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...], beta: float, seed: int) -> None:
    x = random_floats(np.random.default_rng(seed), *dims)
    agrees(libraries, plain_model(Softmax(beta=beta), [dims]), x)
    agrees(libraries, plain_model(LogSoftmax(), [dims]), x)


@kernel_settings
@given(some_dims, seeds)
def test_hardmax_takes_the_first(libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...], seed: int) -> None:
    x = np.random.default_rng(seed).integers(-1, 2, dims).astype(np.float32)
    agrees(libraries, plain_model(Hardmax(), [dims]), x)


@pytest.mark.parametrize("operator", [Softmax(), LogSoftmax()])
def test_softmax_of_far_values(libraries: tuple[KernelLibrary, ...], operator: Softmax | LogSoftmax) -> None:
    x = np.array([[1e4, -1e4, 3e38, 0], [-3e38, -3e38, 3e38, 1], [-np.inf, 0, 1, -np.inf]], np.float32)
    agrees(libraries, plain_model(operator, [x.shape]), x)


@kernel_settings
@given(some_dims, st.sampled_from((1e-12, 1e-6, 0.1)), seeds)
def test_l2_normalization(
    libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...], epsilon: float, seed: int
) -> None:
    x = random_floats(np.random.default_rng(seed), *dims)
    agrees(libraries, plain_model(L2Normalization(epsilon=epsilon), [dims]), x)


@kernel_settings
@given(some_dims, st.booleans(), st.booleans(), st.booleans(), seeds)
def test_layer_normalization(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, ...],
    centred: bool,
    has_scale: bool,
    has_shift: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = random_floats(rng, *dims)
    scale = random_floats(rng, dims[-1]) if has_scale else None
    shift = random_floats(rng, dims[-1]) if has_shift else None
    operator = LayerNormalization(epsilon=1e-3, centred=centred)
    agrees(libraries, plain_model(operator, [dims, scale, shift]), x, atol=1e-4)


@kernel_settings
@given(some_dims, st.integers(0, 4), st.integers(0, 4), seeds)
def test_local_response_normalization(
    libraries: tuple[KernelLibrary, ...], dims: tuple[int, ...], before: int, after: int, seed: int
) -> None:
    x = random_floats(np.random.default_rng(seed), *dims)
    operator = LocalResponseNormalization(before=before, after=after, alpha=0.3, beta=0.75, bias=1.5)
    agrees(libraries, plain_model(operator, [dims]), x)
