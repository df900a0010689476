# SPDX-License-Identifier: Apache-2.0
"""When values are the same, and which tensors must be equal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sconnx.graph.operator import Add, Dequantize, Quantize, Relu, Transpose
from sconnx.graph.tensor import DType
from sconnx.reference.exact import computes_float, exact_tensors
from sconnx.report.closeness import errors, is_beyond, largest_error, numerics_text
from tests.mixed_graphs import Mixed


def floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_the_error_is_relative_but_not_to_less_than_a_hundredth_of_the_largest() -> None:
    want = floats(100, -100, 1, 0, 0.5)
    have = floats(100.1, -99.8, 1.001, 0.001, 0.5)
    np.testing.assert_allclose(errors(want, have), [0.1 / 101, 0.2 / 101, 0.0005, 0.001, 0], rtol=1e-4)


def test_numbers_that_are_none_and_infinite_ones_are_equal_to_themselves_alone() -> None:
    nan, inf = np.nan, np.inf
    want, have = floats(nan, inf, -inf, nan, 1, inf, inf, 1, 0), floats(nan, inf, -inf, 1, nan, -inf, 1, inf, -0.0)
    assert errors(want, have).tolist() == [0, 0, 0, inf, inf, inf, inf, inf, 0]
    for exact in (True, False):
        wrong = is_beyond(want, have, exact=exact)
        assert wrong.tolist() == [False, False, False, True, True, True, True, True, False]


def test_where_all_should_be_0_nothing_else_may_be() -> None:
    assert errors(floats(0, 0), floats(0, 1e-30)).tolist() == [0, np.inf]
    assert errors(floats(), floats()).size == 0 and largest_error(floats(), floats()) == 0


def test_a_scalar_is_compared_too() -> None:
    want, near, far = np.array(2, np.float32), np.array(2.001, np.float32), np.array(3, np.float32)
    for have, wrong in ((want, False), (near, False), (far, True), (np.array(np.nan, np.float32), True)):
        found = is_beyond(want, have, exact=False)
        assert found.shape == () and bool(found) == wrong
    assert largest_error(want, far) == pytest.approx(1 / 2.02, 1e-4)
    assert is_beyond(want, near, exact=True).tolist() is True


def test_integers_are_equal_or_not() -> None:
    want, have = np.array([1, 2, 3]), np.array([1, 2, 4])
    for exact in (True, False):
        assert is_beyond(want, have, exact=exact).tolist() == [False, False, True]
    assert (largest_error(want, want), largest_error(want, have)) == (0, np.inf)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9), st.floats(0, 2e-3))
def test_a_value_beyond_the_bound_is_found(values: list[float], relative: float) -> None:
    """Against the definition, element by element."""
    want = floats(*values)
    with np.errstate(over="ignore"):
        have = (want.astype(np.float64) * (1 + relative)).astype(np.float32)
    largest = max(abs(float(value)) for value in want)
    for one, other, wrong in zip(want.tolist(), have.tolist(), is_beyond(want, have, exact=False), strict=True):
        bound = 1e-3 * (abs(one) + largest / 100)
        assert (
            wrong == (one != other and not abs(one - other) <= bound) or abs(abs(one - other) - bound) < 1e-12 * bound
        )


def test_what_float_arithmetic_is_before_need_not_be_exact() -> None:
    mixed = Mixed()
    x = mixed.input(DType.FLOAT32, 2, 3)
    q = mixed.input(DType.INT8, 2, 3)
    moved = mixed.node(Relu(), mixed.node(Transpose(permutation=(1, 0)), x))
    rounded = mixed.node(Quantize(), x, dtype=DType.INT8)
    real = mixed.node(Dequantize(), q, dtype=DType.FLOAT32)
    total = mixed.node(Add(), x, real)
    after = mixed.node(Quantize(), total, dtype=DType.INT8)
    graph = mixed.builder.build([moved, rounded, real, total, after]).graph
    assert exact_tensors(graph) == frozenset(range(len(graph.tensors))) - {total, after}
    assert [computes_float(graph, node) for node in graph.nodes] == [node.type == "Add" for node in graph.nodes]


def test_what_the_report_promises() -> None:
    mixed = Mixed()
    x = mixed.input(DType.FLOAT32, 2, 3)
    moved = mixed.node(Transpose(permutation=(1, 0)), x)
    assert numerics_text([mixed.builder.build([moved]).graph]) == "bit-exact"
    graph = mixed.builder.build([moved, mixed.node(Add(), x, x)]).graph
    assert numerics_text([graph]) == "integers bit-exact, float32 (in 1 of 2 layers) within 0.001"


@pytest.mark.parametrize("dtype", [DType.INT8, DType.INT64, DType.BOOL])
def test_integers_are_always_exact(dtype: DType) -> None:
    mixed = Mixed()
    x = mixed.input(dtype, 2, 3)
    graph = mixed.builder.build([mixed.node(Add(), x, x)]).graph
    assert exact_tensors(graph) == {0, 1}
