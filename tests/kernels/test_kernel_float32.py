# SPDX-License-Identifier: Apache-2.0
"""sx_float32.h, native and in integers, against numpy's float32."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_library import KernelLibrary
from numpy.typing import NDArray

COUNT = 1_000_000
SMALLEST_NORMAL = np.float32(2.0**-126)
SX_F32_I32_LIMIT = 1 << 20


def _normal(rng: np.random.Generator, exponents: tuple[int, int] = (1, 255)) -> NDArray[np.float32]:
    """Normal numbers with biased exponents in [first, last), some with few significant bits, some zero."""
    fraction = rng.integers(0, 1 << 23, COUNT)
    fraction[: COUNT // 4] &= ~np.int64(0) << rng.integers(0, 24, COUNT // 4)
    fraction[COUNT // 4 : COUNT // 2] |= (np.int64(1) << rng.integers(0, 24, COUNT // 4)) - 1
    bits = rng.integers(0, 2, COUNT) << 31 | rng.integers(*exponents, COUNT) << 23 | fraction
    bits[::1000] &= 1 << 31
    return bits.astype(np.uint32).view(np.float32)


def _pairs(seed: int, near: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Operands from the whole range, or with exponents at most 30 apart."""
    rng = np.random.default_rng(seed)
    exponents = (112, 143) if near else (1, 255)
    return _normal(rng, exponents), _normal(rng, exponents)


def _check(actual: NDArray[np.int32], expected: NDArray[np.float32], name: str) -> None:
    """Equal bits; results around and below the smallest normal number may also be zero."""
    bits = expected.view(np.int32)
    flushed = (np.abs(expected) <= SMALLEST_NORMAL) & (actual & 0x7FFFFFFF == 0)
    assert np.count_nonzero((actual != bits) & ~flushed) == 0, name


@pytest.mark.parametrize("near", [False, True])
def test_add_and_subtract(libraries: tuple[KernelLibrary, ...], near: bool) -> None:
    a, b = _pairs(1, near)
    b[::7] = -a[::7]
    b[1::7] = -np.nextafter(a[1::7], np.float32(0))
    b[np.abs(b) < SMALLEST_NORMAL] = 0
    with np.errstate(over="ignore"):
        total, difference = a + b, -b - a
    for library in libraries:
        _check(library.map("float_add", a, b), total, library.name)
        _check(library.map("float_sub", -b, a), difference, library.name)


@pytest.mark.parametrize("near", [False, True])
def test_multiply(libraries: tuple[KernelLibrary, ...], near: bool) -> None:
    a, b = _pairs(2, near)
    with np.errstate(over="ignore", under="ignore"):
        expected = a * b
    for library in libraries:
        _check(library.map("float_mul", a, b), expected, library.name)


@pytest.mark.parametrize("near", [False, True])
def test_divide(libraries: tuple[KernelLibrary, ...], near: bool) -> None:
    a, b = _pairs(3, near)
    b[b == 0] = 3
    with np.errstate(over="ignore", under="ignore"):
        expected = a / b
    for library in libraries:
        _check(library.map("float_div", a, b), expected, library.name)


def test_from_integer(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(4)
    values = (rng.integers(-(1 << 31), 1 << 31, COUNT) >> rng.integers(0, 31, COUNT)).astype(np.int32)
    values[:4] = (-(1 << 31), (1 << 31) - 1, 0, -1)
    for library in libraries:
        _check(library.map("float_from_i32", values), values.astype(np.float32), library.name)


def test_to_integer(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(5)
    halves = (rng.integers(-(1 << 21), 1 << 21, COUNT) / 2).astype(np.float32)
    for values in (_normal(rng), _normal(rng, (120, 152)), halves, np.nextafter(halves, np.float32(0))):
        values = np.where(np.abs(values) < SMALLEST_NORMAL, np.float32(0), values)
        expected = np.clip(np.rint(values), -SX_F32_I32_LIMIT, SX_F32_I32_LIMIT).astype(np.int32)
        for library in libraries:
            actual = library.map("float_to_i32", values)
            assert np.count_nonzero(actual != expected) == 0, library.name
