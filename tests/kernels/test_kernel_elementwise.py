# SPDX-License-Identifier: Apache-2.0
"""add, lookup and transpose against numpy, bit for bit, also in place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import int8_tensor, limits, seeds, zero_points
from kernel_structures import Add, Lookup, Transpose

from sconnx.reference.add import FixedPointAdd, FloatAdd
from sconnx.reference.lookup import lookup

_CODES = np.arange(-128, 128).astype(np.int8)
# Every pair of operands.
_A = np.repeat(_CODES, 256)
_B = np.tile(_CODES, 256)


@pytest.mark.parametrize("in_place", [None, 0, 1])
@kernel_settings
@given(zero_points, zero_points, zero_points, limits(), st.integers(0, 12), seeds)
def test_add_tflite(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    a_zero: int,
    b_zero: int,
    out_zero: int,
    clamp: tuple[int, int],
    out_exponent: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    a, b, out = (int(mantissa) for mantissa in rng.integers(1 << 30, 1 << 31, 3))
    a_shift, b_shift = -int(rng.integers(0, 6)), -int(rng.integers(0, 32))
    add = FixedPointAdd((a, a_shift), (b, b_shift), (out, -24 + out_exponent), a_zero, b_zero, out_zero, *clamp)
    parameters = Add(
        a_multiplier=a,
        a_shift=a_shift,
        a_zero_point=a_zero,
        b_multiplier=b,
        b_shift=b_shift,
        b_zero_point=b_zero,
        out_multiplier=out,
        out_shift=-24 + out_exponent,
        out_zero_point=out_zero,
        minimum=clamp[0],
        maximum=clamp[1],
        size=_A.size,
    )
    _check_add(libraries, "add_s8_tflite", parameters, add(_A, _B), in_place)


@pytest.mark.parametrize("in_place", [None, 0, 1])
@kernel_settings
@given(zero_points, zero_points, zero_points, limits(), seeds)
def test_add_onnx(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    a_zero: int,
    b_zero: int,
    out_zero: int,
    clamp: tuple[int, int],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    a, b, out = (2.0 ** rng.uniform(-9, 3, 3)).astype(np.float32)
    add = FloatAdd(float(a), float(b), float(out), a_zero, b_zero, out_zero, *clamp)
    parameters = Add(
        a_multiplier=int(a.view(np.int32)),
        a_shift=0,
        a_zero_point=a_zero,
        b_multiplier=int(b.view(np.int32)),
        b_shift=0,
        b_zero_point=b_zero,
        out_multiplier=int(out.view(np.int32)),
        out_shift=0,
        out_zero_point=out_zero,
        minimum=clamp[0],
        maximum=clamp[1],
        size=_A.size,
    )
    _check_add(libraries, "add_s8_onnx", parameters, add(_A, _B), in_place)


def _check_add(
    libraries: tuple[KernelLibrary, ...],
    kernel: str,
    parameters: Add,
    expected: np.ndarray[tuple[int, ...], np.dtype[np.int8]],
    in_place: int | None,
) -> None:
    for library in libraries:
        actual = library.run(kernel, parameters, [_A, _B], expected.shape, in_place)
        np.testing.assert_array_equal(actual, expected, library.name)


@pytest.mark.parametrize("in_place", [None, 0])
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_lookup(libraries: tuple[KernelLibrary, ...], in_place: int | None, size: int) -> None:
    rng = np.random.default_rng(size)
    table = rng.permutation(_CODES)
    x = int8_tensor(rng, size)
    for library in libraries:
        actual = library.run("lookup_s8_exact", Lookup(table=table, size=size), [x], (size,), in_place)
        np.testing.assert_array_equal(actual, lookup(x, table), library.name)


@kernel_settings
@given(st.lists(st.integers(1, 6), min_size=4, max_size=4), st.permutations(range(4)), seeds)
def test_transpose(libraries: tuple[KernelLibrary, ...], dims: list[int], order: list[int], seed: int) -> None:
    x = int8_tensor(np.random.default_rng(seed), *dims)
    expected = np.ascontiguousarray(x.transpose(order))
    parameters = Transpose(dims=expected.shape, strides=tuple(x.strides[axis] for axis in order))
    for library in libraries:
        actual = library.run("transpose_s8_exact", parameters, [x], expected.shape)
        np.testing.assert_array_equal(actual, expected, library.name)
