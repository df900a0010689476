# SPDX-License-Identifier: Apache-2.0
"""Cases whose tensors stand for themselves: float32, indices and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tests.operators.case import Array, Case, Operand, computed, dims_of, given
from tests.operators.elementwise_cases import broadcast_pair

Generator = np.random.Generator
QuantizedFamily = Callable[[Generator, str, str], Iterator[Case]]


def in_float32(quantized: QuantizedFamily) -> QuantizedFamily:
    """The cases of a quantised operator with the numbers that the codes stand for."""

    def make(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
        for case in quantized(rng, operator, "int8"):
            yield replace(
                case,
                inputs=tuple(None if x is None else _dequantized(x) for x in case.inputs),
                outputs=tuple(_dequantized(x) for x in case.outputs),
                further_runs=tuple((_real(case.inputs[0], run[0]),) for run in case.further_runs),
            )

    return make


def _dequantized(operand: Operand) -> Operand:
    if not operand.scale:
        return operand
    value = None if operand.value is None else _real(operand, operand.value)
    return replace(operand, dtype="float32", scale=(), zero_point=0, value=value)


def _real(operand: Operand | None, codes: Array) -> Array:
    assert operand is not None
    dims = [1] * codes.ndim
    if len(operand.scale) > 1:
        dims[operand.axis] = -1
    scales = np.reshape(operand.scale, dims if codes.ndim else ())
    return ((codes.astype(np.float64) - operand.zero_point) * scales).astype(np.float32)


def unary(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for _ in range(6):
        x = rng.normal(0, 3, dims_of(rng, int(rng.integers(1, 5)))).astype(np.float32)
        if operator in ("SQRT", "LOG", "RSQRT"):
            x = np.abs(x) + np.float32(0.01)
        if operator == "ROUND":  # halves, too
            x = np.round(x * 2) / 2
        yield Case(operator, (given(x),), (computed(x.shape, dtype="float32"),))


def binary(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(8):
        a, b = (rng.normal(0, 5, dims).astype(np.float32) for dims in broadcast_pair(rng, index))
        yield Case(operator, (given(a), given(b)), (computed(np.broadcast_shapes(a.shape, b.shape), dtype="float32"),))


def logical(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(4):
        dims = broadcast_pair(rng, index)[: 1 if operator == "LOGICAL_NOT" else 2]
        inputs = tuple(given(rng.integers(0, 2, each).astype(bool)) for each in dims)
        yield Case(operator, inputs, (computed(np.broadcast_shapes(*dims), dtype="bool"),))


def integers(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    """Arithmetic and comparisons of int32, as indices and sizes need them."""
    names = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}
    compares = operator in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
    for index in range(8):
        a, b = (rng.integers(-50, 50, dims).astype(dtype) for dims in broadcast_pair(rng, index))
        if operator == "DIV":
            b = np.where(b == 0, 7, b).astype(dtype)
        output = computed(np.broadcast_shapes(a.shape, b.shape), dtype="bool" if compares else dtype)
        yield Case(operator, (given(a), given(b)), (output,), names.get(operator, ""))


def casts(rng: Generator, operator: str, dtype: str) -> Iterator[Case]:
    for index in range(12):
        target = ("int32", "float32")[index % 2]
        x: Any = rng.normal(0, 100, dims_of(rng, 2)) if dtype == "float32" else rng.integers(-100, 100, dims_of(rng, 2))
        yield Case(operator, (given(x.astype(dtype)),), (computed(x.shape, dtype=target),))
