# SPDX-License-Identifier: Apache-2.0
"""softmax against the numpy reference, bit for bit, also in place."""

from __future__ import annotations

import ctypes
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_library import KernelLibrary, kernel_settings
from kernel_strategies import int8_tensor, rules, seeds, zero_points
from kernel_structures import Softmax

from export_rules.generic.softmax import exponential_fields, stored_exponentials
from sconnx.codegen.c_value import Array
from sconnx.reference.exponential import exp_on_negative
from sconnx.reference.rule import Rule
from sconnx.reference.softmax import DIFFERENCE_BITS, FixedPointSoftmax, FloatSoftmax, softmax

depths = st.one_of(st.integers(1, 20), st.sampled_from((255, 1000, 4095)))


def _check(
    libraries: tuple[KernelLibrary, ...],
    reference: FixedPointSoftmax | FloatSoftmax,
    x: np.ndarray[tuple[int, ...], np.dtype[np.int8]],
    in_place: int | None = None,
    input_scale: float = 0.0,
    form: str = "softmax",
) -> None:
    expected = reference(x)
    kernel, scale, zero_point = f"{form}_s8_tflite", 0, 0
    if isinstance(reference, FloatSoftmax):
        kernel, zero_point = f"{form}_s8_onnx", reference.zero_point
        scale = int(np.float32(reference.output_scale).view(np.int32))
    fields = exponential_fields(reference, factor=float(np.float32(input_scale)), is_computed=form == "softmax_few")
    parameters = Softmax(
        **{name: field.values if isinstance(field, Array) else field for name, field in fields.items()},
        rows=x.shape[0],
        depth=x.shape[1],
        output_scale=scale,
        zero_point=zero_point,
    )
    for library in libraries:
        actual = library.run(kernel, parameters, [x], x.shape, in_place)
        np.testing.assert_array_equal(actual, expected, library.name)


def _reference(
    rule: Rule, input_scale: float, rng: np.random.Generator, out_zero: int = -128
) -> FixedPointSoftmax | FloatSoftmax:
    onnx = rule is Rule.ONNX
    return softmax(
        rule,
        input_scale=input_scale,
        output_scale=float(rng.uniform(0.001, 0.01)) if onnx else 1 / 256,
        output_zero_point=out_zero if onnx else -128,
    )


@pytest.mark.parametrize("form", ["softmax", "softmax_few"])
@pytest.mark.parametrize("in_place", [None, 0])
@kernel_settings
@given(rules, depths, st.integers(1, 4), st.floats(-12, 1), zero_points, seeds)
def test_softmax(
    libraries: tuple[KernelLibrary, ...],
    form: str,
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
    input_scale = 2.0**log2_scale
    _check(libraries, _reference(rule, input_scale, rng, out_zero), x, in_place, input_scale, form)


@pytest.mark.parametrize("rule", Rule)
@kernel_settings
@given(st.floats(-40, 30), seeds)
def test_softmax_of_few(libraries: tuple[KernelLibrary, ...], rule: Rule, log2_scale: float, seed: int) -> None:
    """Every difference, and scales whose exponentials are read from a table."""
    input_scale = 2.0**log2_scale
    pairs = np.stack([np.full(256, 127), np.arange(-128, 128)], axis=1).astype(np.int8)
    reference = _reference(rule, input_scale, np.random.default_rng(seed))
    _check(libraries, reference, pairs, None, input_scale, "softmax_few")


@kernel_settings
@given(seeds, st.integers(0, 31))
def test_exponential_q31(libraries: tuple[KernelLibrary, ...], seed: int, bits: int) -> None:
    ends = [0, -1, -(1 << 24), -(1 << 24) - 1, 1 - (1 << 24), -(1 << 31)]
    a = np.append(-np.random.default_rng(seed).integers(0, 1 << bits, 1000, endpoint=True), ends).astype(np.int32)
    expected = exp_on_negative(a, DIFFERENCE_BITS)
    for library in libraries:
        actual = np.empty_like(a)
        library.library.exponential_q31(
            a.ctypes.data_as(ctypes.c_void_p), actual.ctypes.data_as(ctypes.c_void_p), a.size
        )
        np.testing.assert_array_equal(actual, expected, library.name)


@pytest.mark.parametrize("log2_scale", [-30.0, -7.3, -4.6, -3.0, -2.0])
def test_products_of_powers_are_the_exponentials(log2_scale: float) -> None:
    reference = _reference(Rule.ONNX, 2.0**log2_scale, np.random.default_rng(1))
    fields = exponential_fields(reference, factor=1.0, is_computed=True)
    powers, corrections = (cast(Array, fields[name]).values for name in ("powers", "corrections"))
    bits = [
        int((powers[d // 16, 0].view(np.float32) * powers[d % 16, 1].view(np.float32)).view(np.int32))
        + int(corrections[d])
        for d in range(cast(int, fields["entries"]))
    ]
    assert bits == stored_exponentials(reference).tolist()


def test_exponentials_below_normal_numbers_are_a_table() -> None:
    """Some cores take them, and products that are such, for 0."""
    reference = _reference(Rule.ONNX, 0.4, np.random.default_rng(1))
    fields = exponential_fields(reference, factor=1.0, is_computed=True)
    assert cast(Array, fields["exp_table"]).values.tolist() == stored_exponentials(reference).tolist()
    assert cast(Array, fields["powers"]).values.size == 0


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
