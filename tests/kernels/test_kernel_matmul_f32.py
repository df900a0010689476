# SPDX-License-Identifier: Apache-2.0
"""Products of matrices and transposed convolutions of float32, by their rules, against the plain reference."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import seeds
from plain_cases import agrees, plain_model, random_floats

from sconnx.graph.operator import Activation, FullyConnected, MatMul, TransposedConv1D, TransposedConv2D

activations = st.sampled_from(Activation)
sizes = st.integers(1, 9)


def thinned(rng: np.random.Generator, dims: tuple[int, ...]) -> tuple[int, ...]:
    """Dims that broadcast to `dims`."""
    kept = tuple(dim if rng.integers(3) else 1 for dim in dims)
    return kept[int(rng.integers(len(kept) + 1)) :]


@kernel_settings
@given(st.lists(st.integers(1, 3), max_size=3), sizes, sizes, sizes, st.booleans(), st.booleans(), activations, seeds)
def test_matmul(
    libraries: tuple[KernelLibrary, ...],
    batch: list[int],
    rows: int,
    inner: int,
    columns: int,
    transpose_a: bool,
    transpose_b: bool,
    activation: Activation,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    a = random_floats(rng, *thinned(rng, tuple(batch)), *((inner, rows) if transpose_a else (rows, inner)))
    b = random_floats(rng, *thinned(rng, tuple(batch)), *((columns, inner) if transpose_b else (inner, columns)))
    operator = MatMul(transpose_a=transpose_a, transpose_b=transpose_b, activation=activation)
    agrees(libraries, plain_model(operator, [a.shape, b.shape]), a, b)
    agrees(libraries, plain_model(operator, [a.shape, b]), a)
    agrees(libraries, plain_model(operator, [a, b.shape]), b)


@kernel_settings
@given(sizes, sizes, sizes, st.booleans(), activations, seeds)
def test_fully_connected_with_weights_of_run_time(
    libraries: tuple[KernelLibrary, ...],
    rows: int,
    inner: int,
    columns: int,
    has_bias: bool,
    activation: Activation,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x, weights = random_floats(rng, rows, inner), random_floats(rng, columns, inner)
    bias = random_floats(rng, columns) if has_bias else None
    model = plain_model(FullyConnected(activation=activation), [x.shape, weights.shape, bias])
    agrees(libraries, model, x, weights)


@st.composite
def transposed_axes(draw: st.DrawFn) -> tuple[int, int, int, int, int, int, int]:
    """Size, kernel, stride, dilation, output padding, padding before and after, which may be negative."""
    stride = draw(st.integers(1, 3))
    more, before, after = draw(st.integers(0, stride - 1)), draw(st.integers(-2, 3)), draw(st.integers(-2, 3))
    return draw(st.integers(1, 6)), draw(st.integers(1, 4)), stride, draw(st.integers(1, 3)), more, before, after


@kernel_settings
@given(
    transposed_axes(),
    transposed_axes(),
    st.integers(1, 2),
    sizes,
    sizes,
    st.sampled_from((1, 1, 2)),
    activations,
    st.booleans(),
    seeds,
)
def test_transposed_conv2d(
    libraries: tuple[KernelLibrary, ...],
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    batch: int,
    per_group: int,
    out_per_group: int,
    groups: int,
    activation: Activation,
    has_bias: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    size, kernel, stride, dilation, more, before, after = zip(rows, columns, strict=True)
    operator = TransposedConv2D(
        kernel_dims=kernel,
        stride_dims=stride,
        dilation_dims=dilation,
        output_padding=more,
        padding=(*before, *after),
        groups=groups,
        activation=activation,
    )
    x = random_floats(rng, batch, *size, per_group * groups)
    weights = random_floats(rng, out_per_group * groups, *kernel, per_group)
    bias = random_floats(rng, out_per_group * groups) if has_bias else None
    assume(_has_output(operator, x, weights))
    agrees(libraries, plain_model(operator, [x.shape, weights, bias]), x)


@kernel_settings
@given(transposed_axes(), sizes, sizes, seeds)
def test_transposed_conv1d(
    libraries: tuple[KernelLibrary, ...], axis: tuple[int, ...], channels: int, out_channels: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    size, kernel, stride, dilation, more, before, after = axis
    operator = TransposedConv1D(
        kernel_dims=(kernel,),
        stride_dims=(stride,),
        dilation_dims=(dilation,),
        output_padding=(more,),
        padding=(before, after),
    )
    x, weights = random_floats(rng, 1, size, channels), random_floats(rng, out_channels, kernel, channels)
    assume(_has_output(operator, x, weights))
    agrees(libraries, plain_model(operator, [x.shape, weights]), x)


def _has_output(operator: TransposedConv1D | TransposedConv2D, x: np.ndarray, weights: np.ndarray) -> bool:
    try:
        operator.output_dims([x.shape, weights.shape])
    except ValueError:
        return False
    return True
