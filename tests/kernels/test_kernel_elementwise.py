# SPDX-License-Identifier: Apache-2.0
"""add, sub, mul, lookup, transpose and pad2d against numpy, bit for bit, also in place."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import Axis, int8_tensor, limits, replay_image, seeds, zero_points
from kernel_structures import Add, Lookup, Pad2D, Transpose

from sconnx.reference.binary import FixedPointProduct, FixedPointSum, FloatBinary
from sconnx.reference.lookup import lookup
from sconnx.reference.pad import pad2d

_CODES = np.arange(-128, 128).astype(np.int8)
# Every pair of operands, and one more than a multiple of a vector's lanes.
_A = np.append(np.repeat(_CODES, 256), np.int8(3))
_B = np.append(np.tile(_CODES, 256), np.int8(5))
_ALSO = {"add_s8_tflite": "add_s8_mve_tflite", "add_s8_onnx": "add_s8_mve_onnx"}
"""Kernels of lib arm_mve with the same parameters and results."""


@pytest.mark.parametrize("in_place", [None, 0, 1])
@kernel_settings
@given(
    st.sampled_from((1, -1)),
    st.sampled_from((None, 0, 1)),
    zero_points,
    zero_points,
    zero_points,
    limits(),
    st.integers(0, 12),
    seeds,
)
def test_sum_tflite(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    sign: int,
    half: int | None,
    a_zero: int,
    b_zero: int,
    out_zero: int,
    clamp: tuple[int, int],
    out_exponent: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    a, b, out = (int(mantissa) for mantissa in rng.integers(1 << 30, 1 << 31, 3))
    factors = [(a, -int(rng.integers(0, 6))), (b, -int(rng.integers(0, 32))), (out, -24 + out_exponent)]
    if half is not None:
        # As TFLite has it: the factor of the operand with the larger scale is 1/2.
        factors[half] = (1 << 30, 0)
    zeros = (a_zero, b_zero, out_zero)
    expected = FixedPointSum(*factors, *zeros, *clamp, sign=sign)(_A, _B)
    _check(libraries, f"{'add' if sign == 1 else 'sub'}_s8_tflite", factors, zeros, clamp, expected, in_place)


@pytest.mark.parametrize("in_place", [None, 0, 1])
@kernel_settings
@given(zero_points, zero_points, zero_points, limits(), st.integers(-31, 30), seeds)
def test_product_tflite(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    a_zero: int,
    b_zero: int,
    out_zero: int,
    clamp: tuple[int, int],
    exponent: int,
    seed: int,
) -> None:
    factor = (int(np.random.default_rng(seed).integers(1 << 30, 1 << 31)), exponent)
    zeros = (a_zero, b_zero, out_zero)
    expected = FixedPointProduct(factor, *zeros, *clamp)(_A, _B)
    _check(libraries, "mul_s8_tflite", ((0, 0), (0, 0), factor), zeros, clamp, expected, in_place)


@pytest.mark.parametrize("in_place", [None, 0, 1])
@pytest.mark.parametrize("operation", ("Add", "Sub", "Mul"))
@kernel_settings
@given(zero_points, zero_points, zero_points, limits(), seeds)
def test_binary_onnx(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    operation: str,
    a_zero: int,
    b_zero: int,
    out_zero: int,
    clamp: tuple[int, int],
    seed: int,
) -> None:
    scales = (2.0 ** np.random.default_rng(seed).uniform(-9, 3, 3)).astype(np.float32)
    zeros = (a_zero, b_zero, out_zero)
    a, b, out = (float(scale) for scale in scales)
    expected = FloatBinary(operation, a, b, out, *zeros, *clamp)(_A, _B)
    factors = tuple((int(scale.view(np.int32)), 0) for scale in scales)
    _check(libraries, f"{operation.lower()}_s8_onnx", factors, zeros, clamp, expected, in_place)


def _check(
    libraries: tuple[KernelLibrary, ...],
    kernel: str,
    factors: Sequence[tuple[int, int]],
    zeros: tuple[int, int, int],
    clamp: tuple[int, int],
    expected: np.ndarray[tuple[int, ...], np.dtype[np.int8]],
    in_place: int | None,
) -> None:
    """Run a kernel with the (multiplier, shift) and the zero points of a, b and the output on all pairs."""
    parameters = Add(
        a_multiplier=factors[0][0],
        a_shift=factors[0][1],
        a_zero_point=zeros[0],
        b_multiplier=factors[1][0],
        b_shift=factors[1][1],
        b_zero_point=zeros[1],
        out_multiplier=factors[2][0],
        out_shift=factors[2][1],
        out_zero_point=zeros[2],
        minimum=clamp[0],
        maximum=clamp[1],
        size=_A.size,
        table=None,
        is_fixed=0,
        first=0,
        offset=0,
        x_weight=0,
        y_weight=0,
    )
    variants = [kernel] if kernel == "mul_s8_onnx" else [kernel, kernel.replace("_s8_", "_s8_dsp_")]
    variants += [_ALSO[kernel]] if kernel in _ALSO else []
    for library, name in itertools.product(libraries, variants):
        actual = library.run(name, parameters, [_A, _B], expected.shape, in_place)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {name}")


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


_sides = st.integers(0, 4)


@kernel_settings
@given(*(st.integers(1, 6),) * 3, st.tuples(*(_sides,) * 4), zero_points, seeds)
def test_pad2d(
    libraries: tuple[KernelLibrary, ...],
    height: int,
    width: int,
    channels: int,
    padding: tuple[int, int, int, int],
    zero: int,
    seed: int,
) -> None:
    x = int8_tensor(np.random.default_rng(seed), height, width, channels)
    expected = pad2d(x[np.newaxis], padding, zero)[0]
    top, left, bottom, right = padding
    parameters = Pad2D(left_bytes=left * channels, row_bytes=width * channels, right_bytes=right * channels, value=zero)
    rows = Axis(height, 1, 1, 1, top, bottom)
    image = replay_image(rows, width * channels, expected.shape[1] * channels)
    for library in libraries:
        actual = library.replay("pad2d_exact", parameters, image, x, expected.shape)
        np.testing.assert_array_equal(actual, expected, library.name)
