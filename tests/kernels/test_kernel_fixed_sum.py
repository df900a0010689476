# SPDX-License-Identifier: Apache-2.0
"""The fixed-point form of Add and Sub: all pairs of operands against the numpy reference, bit for bit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import structure
from kernel_library import ROOT, KernelLibrary, kernel_settings
from kernel_strategies import rules, zero_points
from kernel_structures import Add

from sconnx.export.library import load_libs
from sconnx.reference.binary import Affine, binary
from sconnx.reference.rule import Rule

load_libs((ROOT / "export_rules",))
from export_rules.generic.elementwise import fixed_fields  # noqa: E402
from export_rules.generic.fixed_sum import FixedSum, fixed_sum  # noqa: E402

_CODES = np.arange(-128, 128).astype(np.int8)
_A, _B = np.repeat(_CODES, 256), np.tile(_CODES, 256)
_UNUSED = {f"{operand}_{field}": 0 for operand in ("a", "b", "out") for field in ("multiplier", "shift", "zero_point")}
operators = st.sampled_from(("Add", "Sub"))
activations = st.sampled_from(("none", "relu", "relu6", "relu_n1_to_1"))
logarithms = st.floats(-8, 0)


def check(
    libraries: tuple[KernelLibrary, ...],
    operator: str,
    rule: Rule,
    affine: list[Affine],
    activation: str = "none",
    size: int = _A.size,
    in_place: int | None = None,
) -> FixedSum | None:
    """Run both libs' kernels on the form, whose other parameters are not there; the form."""
    values = binary(operator, rule, affine[0], affine[1], affine[2], activation)
    found = fixed_sum(values, *affine, sign=1 if operator == "Add" else -1)
    if found is None:
        return None
    limits = {"minimum": values.minimum, "maximum": values.maximum}
    parameters = structure(Add, {**_UNUSED, **limits, "size": size, **fixed_fields(found)})
    a, b = _A[-size:], _B[-size:]
    expected = values(a, b)
    for library, variant in itertools.product(libraries, ("", "dsp_")):
        name = f"{operator.lower()}_s8_{variant}{rule.value}"
        actual = library.run(name, parameters, [a, b], expected.shape, in_place)
        np.testing.assert_array_equal(actual, expected, f"{library.name} {name}")
    return found


@pytest.mark.parametrize("in_place", [None, 0, 1])
@kernel_settings
@given(
    operators,
    rules,
    st.tuples(logarithms, logarithms, logarithms),
    st.tuples(zero_points, zero_points, zero_points),
    activations,
    st.one_of(st.integers(1, 9), st.integers(_A.size - 5, _A.size)),
)
def test_any_scales(
    libraries: tuple[KernelLibrary, ...],
    in_place: int | None,
    operator: str,
    rule: Rule,
    exponents: tuple[float, float, float],
    zeros: tuple[int, int, int],
    activation: str,
    size: int,
) -> None:
    affine = [Affine(float(np.float32(2.0**x)), zero) for x, zero in zip(exponents, zeros, strict=True)]
    check(libraries, operator, rule, affine, activation, size, in_place)


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("operator", ["Add", "Sub"])
def test_trained_scales_have_a_form(libraries: tuple[KernelLibrary, ...], operator: str, rule: Rule) -> None:
    """Hardly ever with a table."""
    rng = np.random.default_rng(1)
    tables = 0
    for _ in range(24):
        scales = rng.uniform(0.01, 0.1, 2)
        scales = [*scales, max(scales) * rng.uniform(0.7, 1.8)]
        affine = [Affine(float(np.float32(scale)), int(rng.integers(-128, 128))) for scale in scales]
        found = check(libraries, operator, rule, affine)
        assert found is not None
        tables += found.table is not None
    assert tables <= 1


def test_a_table_where_no_line_will_do(libraries: tuple[KernelLibrary, ...]) -> None:
    for scales, first in (((0.0041, 0.51, 0.2), 1), ((0.51, 0.0041, 0.2), 0)):
        affine = [Affine(float(np.float32(scale)), 9) for scale in scales]
        found = check(libraries, "Sub", Rule.TFLITE, affine)
        assert found is not None and found.table is not None and found.first == first


@pytest.mark.parametrize("operator", ["Add", "Sub"])
def test_halves_to_even_have_none(operator: str) -> None:
    """Every second sum is a half, and no line and no table rounds these to even: the float arithmetic remains."""
    half = [Affine(0.25, 3), Affine(0.25, -7), Affine(0.5, 0)]
    assert fixed_sum(binary(operator, Rule.ONNX, *half), *half, sign=1 if operator == "Add" else -1) is None


def test_an_output_that_begins_before_its_operand(libraries: tuple[KernelLibrary, ...]) -> None:
    affine = [Affine(0.05, 1), Affine(0.07, 2), Affine(0.09, 3)]
    values = binary("Add", Rule.TFLITE, *affine)
    fields = fixed_fields(fixed_sum(values, *affine, sign=1))
    limits = {"minimum": values.minimum, "maximum": values.maximum}
    rng = np.random.default_rng(3)
    a, b = rng.integers(-128, 128, (2, 31)).astype(np.int8)
    parameters = structure(Add, {**_UNUSED, **limits, "size": a.size, **fields})
    for library, over, shift in itertools.product(libraries, (0, 1), (-5, -4, -3, -1, 0)):
        actual = library.run_over("add_s8_dsp_tflite", parameters, [a, b], over, shift, a.size)
        np.testing.assert_array_equal(actual, values(a, b), f"{library.name} {over} {shift}")


def test_outputs_that_are_all_clamped(libraries: tuple[KernelLibrary, ...]) -> None:
    for out in (Affine(0.001, 127), Affine(0.001, -128), Affine(1000.0, 5)):
        for rule in Rule:
            check(libraries, "Add", rule, [Affine(0.9, -128), Affine(0.8, -128), out], "relu6")
