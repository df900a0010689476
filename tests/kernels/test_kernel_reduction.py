# SPDX-License-Identifier: Apache-2.0
"""Reductions of int8 tensors along any dimensions, and sums along one, against the reference bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_cases import GENERIC
from kernel_library import KernelLibrary, kernel_settings
from kernel_nodes import Given, check, one_node
from kernel_strategies import int8_tensor, seeds

from sconnx.export.node import export_node
from sconnx.export.selection import verdicts
from sconnx.graph.model import QuantValues
from sconnx.graph.operator import CumSum, ReduceMax, ReduceMean, ReduceMin, ReduceSum, Reduction
from sconnx.reference.rule import Rule

REDUCTIONS: list[type[Reduction]] = [ReduceSum, ReduceMean, ReduceMax, ReduceMin]
_dims = st.lists(st.integers(1, 5), min_size=1, max_size=5)


def quantization(rng: np.random.Generator, scale: float) -> QuantValues:
    return QuantValues.of(scale * float(rng.uniform(0.3, 1.5)), int(rng.integers(-128, 128)))


@kernel_settings
@given(st.sampled_from(REDUCTIONS), st.sampled_from(list(Rule)), _dims, st.integers(0, 31), st.booleans(), seeds)
def test_reduction(
    libraries: tuple[KernelLibrary, ...],
    operator: type[Reduction],
    rule: Rule,
    dims: list[int],
    reduced: int,
    keep_dims: bool,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    axes = tuple(axis for axis in range(len(dims)) if reduced >> axis & 1)
    x = int8_tensor(rng, *dims) if seed % 4 else rng.choice(np.array([-128, 127], np.int8), tuple(dims))
    count = np.prod([dims[axis] for axis in axes])
    quant = quantization(rng, 0.05)
    output = quantization(rng, 0.05 * (count if operator is ReduceSum else 1))
    if issubclass(operator, ReduceMax | ReduceMin) and (rule is Rule.TFLITE or seed % 2):
        output = quant
    check(libraries, operator(axes=axes, keep_dims=keep_dims), [Given(x, quant)], rule, output)


@pytest.mark.parametrize("rule", Rule)
def test_mean_of_an_image(libraries: tuple[KernelLibrary, ...], rule: Rule) -> None:
    x = int8_tensor(np.random.default_rng(1), 1, 48, 48, 5)
    operator = ReduceMean(axes=(1, 2), keep_dims=False)
    y = check(libraries, operator, [Given(x, QuantValues.of(0.05, 127))], rule, QuantValues.of(0.001, -3))
    assert y.shape == (1, 5)


@kernel_settings
@given(st.sampled_from(list(Rule)), _dims, st.booleans(), st.booleans(), seeds)
def test_cumulative_sum(
    libraries: tuple[KernelLibrary, ...], rule: Rule, dims: list[int], exclusive: bool, reverse: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    operator = CumSum(axis=int(rng.integers(len(dims))), exclusive=exclusive, reverse=reverse)
    check(libraries, operator, [Given(int8_tensor(rng, *dims), quantization(rng, 0.05))], rule, quantization(rng, 0.2))


def test_long_sums_of_tflite_wrap(libraries: tuple[KernelLibrary, ...]) -> None:
    x = np.full((40,), 127, np.int8)
    y = check(libraries, CumSum(axis=0), [Given(x, QuantValues.of(0.05, -128))], Rule.TFLITE, QuantValues.of(2.0, 0))
    assert y[14] > 0 > y[15]


def test_more_groups_than_loops() -> None:
    quant = QuantValues.of(0.1, 3)
    x = np.zeros((2,) * 8, np.int8)
    node = export_node(one_node(ReduceMax(axes=(0, 2, 4, 6)), [Given(x, quant)], Rule.ONNX, quant).graph, 0)
    assert {verdict.reason for verdict in verdicts(node, [GENERIC], frozenset())} >= {
        "4 groups of dimensions, the limit is 3"
    }
