# SPDX-License-Identifier: Apache-2.0
"""Sequences of recurrent cells of float32, and SVDF, by their rules, against the plain reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import seeds
from plain_cases import Values, agrees, plain_model, random_floats

from sconnx.graph.operator import SVDF, Activation, SequenceGRU, SequenceLSTM, SequenceRNN

sizes = st.integers(1, 6)
gates = st.sampled_from(("sigmoid", "tanh", "relu"))
flags = st.booleans()
clips = st.sampled_from((0.0, 0.0, 0.6))


def small(rng: np.random.Generator, *dims: int) -> Values:
    """Weights with which states stay of ordinary size."""
    return (rng.standard_normal(dims) / np.sqrt(dims[-1])).astype(np.float32)


def of_cells(
    rng: np.random.Generator, count: int, dims: tuple[int, int, int, int], *, has_bias: bool
) -> tuple[list[tuple[int, ...] | Values | None], list[Values]]:
    """Operands of `count` gates with inputs (steps, batch, inputs) and units, and the values of x and h."""
    steps, batch, inputs, units = dims
    x, h = small(rng, steps, batch, inputs), small(rng, batch, units)
    bias = small(rng, 2 * count * units) if has_bias else None
    weights = small(rng, count * units, inputs), small(rng, count * units, units)
    return [x.shape, *weights, bias, h.shape], [x, h]


@kernel_settings
@given(st.tuples(sizes, sizes, sizes, sizes), gates, clips, flags, flags, seeds)
def test_rnn(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, int, int, int],
    gate: str,
    clip: float,
    reverse: bool,
    has_bias: bool,
    seed: int,
) -> None:
    operands, values = of_cells(np.random.default_rng(seed), 1, dims, has_bias=has_bias)
    operator = SequenceRNN(activations=(gate,), clip=clip, reverse=reverse)
    agrees(libraries, plain_model(operator, operands, outputs=2), *values)


@kernel_settings
@given(st.tuples(sizes, sizes, sizes, sizes), st.tuples(gates, gates), clips, flags, flags, flags, seeds)
def test_gru(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, int, int, int],
    activations: tuple[str, str],
    clip: float,
    reverse: bool,
    linear_before_reset: bool,
    has_bias: bool,
    seed: int,
) -> None:
    operands, values = of_cells(np.random.default_rng(seed), 3, dims, has_bias=has_bias)
    operator = SequenceGRU(activations=activations, clip=clip, reverse=reverse, linear_before_reset=linear_before_reset)
    agrees(libraries, plain_model(operator, operands, outputs=2), *values)


@kernel_settings
@given(
    st.tuples(sizes, sizes, sizes, sizes),
    st.tuples(gates, gates, gates),
    clips,
    clips,
    st.tuples(flags, flags, flags, flags),
    seeds,
)
def test_lstm(
    libraries: tuple[KernelLibrary, ...],
    dims: tuple[int, int, int, int],
    activations: tuple[str, str, str],
    clip: float,
    cell_clip: float,
    chosen: tuple[bool, bool, bool, bool],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    reverse, coupled, has_bias, has_peepholes = chosen
    operands, values = of_cells(rng, 4, dims, has_bias=has_bias)
    cells = small(rng, dims[1], dims[3])
    peepholes = small(rng, 3 * dims[3]) if has_peepholes else None
    operator = SequenceLSTM(activations=activations, clip=clip, cell_clip=cell_clip, reverse=reverse, coupled=coupled)
    agrees(libraries, plain_model(operator, [*operands, cells.shape, peepholes], outputs=3), *values, cells)


@kernel_settings
@given(sizes, sizes, sizes, sizes, st.integers(1, 3), flags, st.sampled_from(Activation), seeds)
def test_svdf(
    libraries: tuple[KernelLibrary, ...],
    batch: int,
    inputs: int,
    units: int,
    memory: int,
    rank: int,
    has_bias: bool,
    activation: Activation,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    filters = units * rank
    x, state = random_floats(rng, batch, inputs), random_floats(rng, batch, filters * memory)
    features, time = random_floats(rng, filters, inputs), random_floats(rng, filters, memory)
    bias = random_floats(rng, units) if has_bias else None
    operator = SVDF(rank=rank, activation=activation)
    agrees(libraries, plain_model(operator, [x.shape, features, time, bias, state.shape], outputs=2), x, state)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_saturated_gates(libraries: tuple[KernelLibrary, ...], size: float) -> None:
    dims = (3, 1, 2, 5)
    operands, (x, h) = of_cells(np.random.default_rng(3), 4, dims, has_bias=True)
    cells = np.ones((1, 5), np.float32)
    agrees(libraries, plain_model(SequenceLSTM(), [*operands, cells.shape], outputs=3), x * np.float32(size), h, cells)
