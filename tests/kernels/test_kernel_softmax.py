# SPDX-License-Identifier: Apache-2.0
"""softmax against the numpy reference, bit for bit, also in place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import int8_tensor, rules, seeds, zero_points
from kernel_structures import Softmax

from export_rules.generic.softmax import stored_exponentials
from sconnx.reference.rule import Rule
from sconnx.reference.softmax import FixedPointSoftmax, FloatSoftmax, softmax

depths = st.one_of(st.integers(1, 20), st.sampled_from((255, 1000, 4095)))


def _check(
    libraries: tuple[KernelLibrary, ...],
    reference: FixedPointSoftmax | FloatSoftmax,
    x: np.ndarray[tuple[int, ...], np.dtype[np.int8]],
    in_place: int | None,
) -> None:
    expected = reference(x)
    kernel, scale, zero_point = "softmax_s8_tflite", 0, 0
    if isinstance(reference, FloatSoftmax):
        kernel, zero_point = "softmax_s8_onnx", reference.zero_point
        scale = int(np.float32(reference.output_scale).view(np.int32))
    table = stored_exponentials(reference)
    parameters = Softmax(
        exp_table=table,
        entries=table.size,
        rows=x.shape[0],
        depth=x.shape[1],
        output_scale=scale,
        zero_point=zero_point,
    )
    for library in libraries:
        actual = library.run(kernel, parameters, [x], x.shape, in_place)
        np.testing.assert_array_equal(actual, expected, library.name)


@pytest.mark.parametrize("in_place", [None, 0])
@kernel_settings
@given(rules, depths, st.integers(1, 4), st.floats(-12, 1), zero_points, seeds)
def test_softmax(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    rule: Rule,
    depth: int,
    rows: int,
    log2_scale: float,
    out_zero: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = int8_tensor(rng, rows, depth)
    onnx = rule is Rule.ONNX
    reference = softmax(
        rule,
        input_scale=2.0**log2_scale,
        output_scale=float(rng.uniform(0.001, 0.01)) if onnx else 1 / 256,
        output_zero_point=out_zero if onnx else -128,
    )
    _check(libraries, reference, x, in_place)


@kernel_settings
@given(depths, seeds)
def test_softmax_of_any_fixed_point_table(libraries: tuple[KernelLibrary, ...], depth: int, seed: int) -> None:
    """Sums from all over the range of the reciprocal."""
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 1 << 31, 256).astype(np.int32)
    table[0] = (1 << 31) - 1
    _check(libraries, FixedPointSoftmax(table), int8_tensor(rng, 3, depth), None)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_softmax_of_many_rows(libraries: tuple[KernelLibrary, ...], depth: int) -> None:
    """Enough large shares that a reciprocal with a relative error of 10^-5 does not go unseen."""
    rng = np.random.default_rng(depth)
    table = np.sort(rng.integers(1 << 28, 1 << 31, 256))[::-1].astype(np.int32)
    table[0] = (1 << 31) - 1
    _check(libraries, FixedPointSoftmax(table), rng.integers(-128, 128, (30_000, depth)).astype(np.int8), None)


def test_softmax_of_equal_values(libraries: tuple[KernelLibrary, ...]) -> None:
    """Shares below half a step, where the last shift exceeds 31 bits."""
    reference = softmax(Rule.TFLITE, input_scale=0.1, output_scale=1 / 256, output_zero_point=-128)
    for depth in (1, 2, 256, 511, 512, 2047, 2048, 4095):
        _check(libraries, reference, np.full((1, depth), 7, np.int8), None)


def test_what_is_stored_of_a_table(libraries: tuple[KernelLibrary, ...]) -> None:
    """The least entry that counts is stored, and the ones behind it change nothing."""
    table = np.full(256, 2047, np.int32)
    table[0], table[100] = (1 << 31) - 1, 2048
    reference = FixedPointSoftmax(table)
    assert stored_exponentials(reference).size == 101
    x = np.repeat(np.array([[127], [27], [26]], np.int8), 1300, axis=0).reshape(1, -1)
    _check(libraries, reference, x, None)
    assert stored_exponentials(FloatSoftmax(np.arange(256, dtype=np.int32) % 7, 1.0, 0)).size == 256
