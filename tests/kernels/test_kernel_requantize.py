# SPDX-License-Identifier: Apache-2.0
"""The requantise functions over the whole range of int32, and the layout of the parameter structures."""

from __future__ import annotations

import ctypes
import itertools

import kernel_structures
import numpy as np
import pytest
from kernel_library import KernelLibrary
from kernel_strategies import requantize_structure
from numpy.typing import NDArray

from sconnx.reference.fixed_point import multiply_by_quantized_multiplier
from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule

COUNT = 300_000
SX_F32_I32_LIMIT = 1 << 20


def _accumulators(rng: np.random.Generator) -> NDArray[np.int32]:
    """All magnitudes, and the limits of the type."""
    values = (rng.integers(-(1 << 31), 1 << 31, COUNT) >> rng.integers(0, 31, COUNT)).astype(np.int32)
    limits = np.array([-(1 << 31), (1 << 31) - 1], np.int32)
    values[: COUNT // 20] = rng.choice(limits, COUNT // 20) + rng.integers(0, 40, COUNT // 20).astype(
        np.int32
    ) * np.where(rng.integers(0, 2, COUNT // 20), 1, 0).astype(np.int32)
    return values


def test_scale_tflite(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(1)
    accumulators = _accumulators(rng)
    multipliers = rng.integers(1 << 30, 1 << 31, COUNT).astype(np.int32)
    multipliers[::50] = (1 << 31) - 1
    multipliers[1::50] = 1 << 30
    multipliers[2::50] = 0
    shifts = rng.integers(-31, 31, COUNT).astype(np.int8)
    expected = multiply_by_quantized_multiplier(accumulators, multipliers, shifts)
    for library in libraries:
        actual = library.map("scale_tflite", accumulators, multipliers, shifts)
        np.testing.assert_array_equal(actual, expected, library.name)


def test_scale_tflite_rounds_ties(libraries: tuple[KernelLibrary, ...]) -> None:
    """Halves: up after the multiply (by 1/2), away from zero after the shift (by 2^-2)."""
    accumulators = np.array([1, -1, 3, -3, 4, -4, 12, -12], np.int32)
    multipliers = np.full(8, 1 << 30, np.int32)
    shifts = np.array([0, 0, 0, 0, -2, -2, -2, -2], np.int8)
    for library in libraries:
        actual = library.map("scale_tflite", accumulators, multipliers, shifts)
        assert actual.tolist() == [1, 0, 2, -1, 1, -1, 2, -2], library.name


def test_scale_onnx(libraries: tuple[KernelLibrary, ...]) -> None:
    rng = np.random.default_rng(2)
    accumulators = _accumulators(rng)
    factors = (2.0 ** rng.uniform(-30, 8, COUNT)).astype(np.float32)
    factors[::3] = np.exp2(np.floor(np.log2(factors[::3])))
    product = np.rint(accumulators.astype(np.float32) * factors)
    expected = np.clip(product, -SX_F32_I32_LIMIT, SX_F32_I32_LIMIT).astype(np.int32)
    for library in libraries:
        actual = library.map("scale_onnx", accumulators, factors.view(np.int32))
        np.testing.assert_array_equal(actual, expected, library.name)


@pytest.mark.parametrize("rule", list(Rule))
def test_requantize_saturates(libraries: tuple[KernelLibrary, ...], rule: Rule) -> None:
    accumulators = _accumulators(np.random.default_rng(3))[:20_000]
    corners = itertools.product((-128, 0, 127), ((-128, 127), (-128, -128), (127, 127), (-5, 90)), (-31, -9, 0, 8, 30))
    for zero_point, (minimum, maximum), shift in corners:
        if rule is Rule.TFLITE:
            multiplier = np.array([0x5A827999], np.int32)
        else:
            multiplier = np.array([0.7 * 2.0**shift], np.float32).view(np.int32)
        requantize = Requantize(rule, multiplier, np.array([shift], np.int8), zero_point, minimum, maximum)
        expected = requantize(accumulators.astype(np.int64))
        structure = requantize_structure(requantize)
        for library in libraries:
            call = library.library[f"requantize_{rule.value}"]
            actual = np.zeros(accumulators.size, np.int8)
            call(
                ctypes.byref(structure),
                ctypes.c_void_p(accumulators.ctypes.data),
                ctypes.c_void_p(actual.ctypes.data),
                accumulators.size,
            )
            np.testing.assert_array_equal(actual, expected, library.name)


def test_structures_have_the_size_of_the_kernels(libraries: tuple[KernelLibrary, ...]) -> None:
    sizes = [ctypes.sizeof(structure) for structure in kernel_structures.PARAMETERS]
    for library in libraries:
        assert list((ctypes.c_int32 * len(sizes)).in_dll(library.library, "parameter_sizes")) == sizes
