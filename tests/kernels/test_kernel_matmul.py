# SPDX-License-Identifier: Apache-2.0
"""Transposed convolutions and products of int8 matrices, against the reference bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_nodes import Given, check
from kernel_strategies import int8_tensor, seeds

from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, MatMul, TransposedConv1D, TransposedConv2D
from sconnx.graph.tensor import DType
from sconnx.reference.rule import Rule

_pair = st.tuples(st.integers(1, 4), st.integers(1, 4))


def weighted(
    rng: np.random.Generator, x: tuple[int, ...], w: tuple[int, ...], per_channel: bool, bias: bool, zero: int
) -> list[Given | None]:
    count = w[0] if per_channel else 1
    scales = rng.uniform(0.002, 0.01, count).astype(np.float32)
    weights = Given(int8_tensor(rng, *w), QuantValues.of(scales, zero, 0), constant=True)
    biases = Given(rng.integers(-3000, 3000, w[0]).astype(np.int32), QuantValues.of(0.05 * scales, 0, 0), constant=True)
    return [Given(int8_tensor(rng, *x), QuantValues.of(0.05, -6)), weights, *((biases,) if bias else ())]


@kernel_settings
@given(
    _pair,
    _pair,
    _pair,
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(1, 3),
    st.sampled_from(list(Rule)),
    seeds,
)
def test_transposed_conv2d(
    libraries: tuple[KernelLibrary, ...],
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    groups: int,
    rule: Rule,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    depth, outputs = int(rng.integers(1, 6)), int(rng.integers(1, 8))
    full = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(size, stride, kernel, dilation, strict=True)]
    before = [int(rng.integers(-2, n)) for n in full]
    after = [int(rng.integers(-2, n - first)) for n, first in zip(full, before, strict=True)]
    operator = TransposedConv2D(
        kernel_dims=kernel,
        stride_dims=stride,
        dilation_dims=dilation,
        padding=(before[0], before[1], after[0], after[1]),
        output_padding=(int(rng.integers(3)), int(rng.integers(3))),
        groups=groups,
        activation=Activation.RELU if seed % 2 else Activation.NONE,
    )
    zero = 3 if seed % 5 == 0 else 0
    dims = ((2, *size, groups * depth), (groups * outputs, *kernel, depth))
    operands = weighted(rng, *dims, seed % 3 > 0, seed % 4 > 0, zero)
    check(libraries, operator, operands, rule, QuantValues.of(0.03, 4))


def test_transposed_conv1d(libraries: tuple[KernelLibrary, ...]) -> None:
    operator = TransposedConv1D(kernel_dims=(4,), stride_dims=(2,), padding=(1, 1))
    operands = weighted(np.random.default_rng(1), (1, 9, 6), (5, 4, 6), True, True, 0)
    y = check(libraries, operator, operands, Rule.TFLITE, QuantValues.of(0.03, 4))
    assert y.shape == (1, 18, 5)


@kernel_settings
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), max_size=3),
    st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 20)),
    st.booleans(),
    st.booleans(),
    st.sampled_from(list(Rule)),
    seeds,
)
def test_matmul(
    libraries: tuple[KernelLibrary, ...],
    batches: list[tuple[int, int]],
    sizes: tuple[int, int, int],
    transpose_a: bool,
    transpose_b: bool,
    rule: Rule,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    rows, columns, depth = sizes
    a = tuple(1 if kind == 1 else dim for dim, kind in batches)
    b = tuple(1 if kind == 2 else dim for dim, kind in batches)
    x = int8_tensor(rng, *a, *((depth, rows) if transpose_a else (rows, depth)))
    y = int8_tensor(rng, *b, *((columns, depth) if transpose_b else (depth, columns)))
    operator = MatMul(transpose_a=transpose_a, transpose_b=transpose_b)
    operands = [Given(x, QuantValues.of(0.05, -128)), Given(y, QuantValues.of(0.02, 9), constant=seed % 3 == 0)]
    check(libraries, operator, operands, rule, QuantValues.of(0.1, -3))


def test_matmul_of_int16(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(1)
    for transpose, (a, b) in ((False, ((2, 1, 5, 300), (3, 300, 4))), (True, ((5, 3), (2, 7, 5)))):
        x, y = (rng.integers(-32768, 32768, dims).astype(np.int16) for dims in (a, b))
        operands = [Given(x, QuantValues.of(1e-4, 0)), Given(y, QuantValues.of(2e-4, 0))]
        operator = MatMul(transpose_a=transpose, transpose_b=transpose)
        check(libraries, operator, operands, Rule.TFLITE, QuantValues.of(3e-3, 0), DType.INT16)
