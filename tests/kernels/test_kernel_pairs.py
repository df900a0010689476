# SPDX-License-Identifier: Apache-2.0
"""Operators of two int8 tensors: every pair of codes, dims that broadcast, and constants, against the reference bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import GENERIC, rule_of
from kernel_library import KernelLibrary, kernel_settings
from kernel_nodes import Given, check, one_node
from kernel_strategies import int8_tensor, seeds

from sconnx.export.node import export_node
from sconnx.export.selection import verdicts
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import Activation, Add, Equal, Maximum, Mul, Operator
from sconnx.graph.tensor import DType
from sconnx.reference.comparison import EXTREMES, RELATIONS
from sconnx.reference.pairs import PAIRS
from sconnx.reference.rule import Rule

_CODES = np.arange(-128, 128).astype(np.int8)
_A, _B = np.repeat(_CODES, 256), np.tile(_CODES, 256)
CASES = [(name, rule) for name in PAIRS for rule in Rule]


def quantizations(name: str, rule: Rule, rng: np.random.Generator) -> list[QuantValues]:
    """Of a, b and the output."""
    scales = np.exp(rng.uniform(np.log(1e-3), np.log(0.9), 2))
    a, b = (QuantValues.of(scale, int(rng.integers(-128, 128))) for scale in scales)
    if name in EXTREMES and (rule is Rule.TFLITE or rng.integers(2)):
        return [a, a, a]
    spread = {
        "Mul": 74 * scales.prod(),
        "Div": scales[0] / scales[1],
        "SquaredDifference": 74 * scales.sum() ** 2,
        "PRelu": scales[0] + 74 * scales.prod(),
    }
    scale = spread.get(name, scales.sum()) * rng.choice([0.02, 0.3, 1.0, 2.0])
    return [a, b, QuantValues.of(scale, int(rng.integers(-128, 128)))]


def check_pair(
    libraries: tuple[KernelLibrary, ...],
    name: str,
    rule: Rule,
    rng: np.random.Generator,
    a: Any,
    b: Any,
    constants: tuple[bool, bool] = (False, False),
) -> None:
    quants = quantizations(name, rule, rng)
    output, dtype = (None, DType.BOOL) if name in RELATIONS else (quants[2], DType.INT8)
    operands = [Given(x, q, constant) for x, q, constant in zip((a, b), quants, constants, strict=False)]
    check(libraries, Operator.types[name](), operands, rule, output, dtype)


@pytest.mark.parametrize(("name", "rule"), CASES)
def test_all_pairs_of_codes(libraries: tuple[KernelLibrary, ...], name: str, rule: Rule) -> None:
    for seed in range(4):
        check_pair(libraries, name, rule, np.random.default_rng(seed), _A, _B)


@kernel_settings
@given(st.sampled_from(CASES), st.lists(st.tuples(st.integers(1, 5), st.integers(0, 2)), max_size=6), seeds)
def test_broadcast(
    libraries: tuple[KernelLibrary, ...], case: tuple[str, Rule], axes: list[tuple[int, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a = tuple(1 if kind == 1 else dim for dim, kind in axes)
    b = tuple(1 if kind == 2 else dim for dim, kind in axes)
    b = b[int(rng.integers(len(b) + 1)) :] if b else b
    check_pair(libraries, *case, rng, int8_tensor(rng, *a), int8_tensor(rng, *b))


@pytest.mark.parametrize(("name", "rule"), CASES)
def test_constants(libraries: tuple[KernelLibrary, ...], name: str, rule: Rule) -> None:
    """One of a single element makes a table, one row a call; others are rows of their own."""
    rng = np.random.default_rng(1)
    x, scalar = int8_tensor(rng, 1, 3, 4, 5), int8_tensor(rng, 1, 1)
    check_pair(libraries, name, rule, rng, x, scalar, (False, True))
    check_pair(libraries, name, rule, rng, scalar, x, (True, False))
    check_pair(libraries, name, rule, rng, x, int8_tensor(rng, 5), (False, True))


@pytest.mark.parametrize("activation", Activation)
@pytest.mark.parametrize("rule", Rule)
def test_activation(libraries: tuple[KernelLibrary, ...], activation: Activation, rule: Rule) -> None:
    rng = np.random.default_rng(2)
    for operator in (Add(activation=activation), Mul(activation=activation)):
        operands = [Given(int8_tensor(rng, *dims), QuantValues.of(0.1, -5)) for dims in ((7, 1, 3), (9, 1))]
        check(libraries, operator, operands, rule, QuantValues.of(0.06, 4))


def test_which_rule_is_taken() -> None:
    quant = QuantValues.of(0.1, 3)
    image, scalar, channels = (np.zeros(dims, np.int8) for dims in ((1, 4, 4, 3), (1,), (3,)))

    def taken(operator: Operator, b: Given) -> str:
        model = one_node(operator, [Given(image, quant), b], Rule.ONNX, quant)
        return type(rule_of(export_node(model.graph, 0))).__name__

    assert taken(Add(), Given(image, quant)) == "AddElementwise"
    assert taken(Add(), Given(scalar, quant, True)) == "PairByTable"
    assert taken(Add(), Given(scalar, quant)) == "Pairs"
    assert taken(Add(), Given(channels, quant, True)) == "Pairs"
    assert taken(Maximum(), Given(image, quant)) == "ExtremeOfTwo"
    model = one_node(Equal(), [Given(image, quant), Given(channels, quant)], Rule.ONNX, None, DType.BOOL)
    assert rule_of(export_node(model.graph, 0)).kernel(export_node(model.graph, 0)) == "sx_compare_s8_exact"


def test_more_axes_than_loops() -> None:
    quant = QuantValues.of(0.1, 3)
    a, b = (np.zeros(dims, np.int8) for dims in ((2, 1, 2, 1, 2, 1, 2), (1, 2, 1, 2, 1, 2, 1)))
    model = one_node(Add(), [Given(a, quant), Given(b, quant)], Rule.ONNX, quant)
    reasons = {verdict.reason for verdict in verdicts(export_node(model.graph, 0), [GENERIC], frozenset())}
    assert "the inputs broadcast in 7 groups of dimensions, the limit is 6" in reasons
