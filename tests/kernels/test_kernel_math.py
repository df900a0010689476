# SPDX-License-Identifier: Apache-2.0
"""The float32 functions against numpy's float64 ones, over all of float32; the same bits from every compiler."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from kernel_library import KernelLibrary
from numpy.typing import NDArray

COUNT = 40_000
SPECIAL = np.array(
    [
        *(0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 2.5, -2.5, 3.0, -3.0, np.inf, -np.inf, np.nan),
        *(1e-45, -1e-45, 1e-38, 3.4e38, -3.4e38, 88.72, 88.73, -87.3, -103.9, -104.0, 8388607.5, 8388608.0),
    ],
    np.float32,
)


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(x < 0, np.exp(x) / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))  # type: ignore[no-any-return]


# Of each function what numpy calls it, and the largest error in ulp.
OF_ONE: dict[str, tuple[Callable[..., Any], float]] = {
    "exp": (np.exp, 1),
    "expm1": (np.expm1, 2),
    "log": (np.log, 1),
    "log1p": (np.log1p, 1.5),
    "tanh": (np.tanh, 1.5),
    "sigmoid": (_sigmoid, 2.5),
    "softplus": (lambda x: np.logaddexp(0, x), 2),
    "sqrt": (np.sqrt, 0.5),
    "rint": (np.rint, 0),
    "floor": (np.floor, 0),
    "ceil": (np.ceil, 0),
    "trunc": (np.trunc, 0),
    "sinh": (np.sinh, 2.5),
    "cosh": (np.cosh, 2.5),
    "asinh": (np.arcsinh, 2),
    "acosh": (np.arccosh, 2),
    "atanh": (np.arctanh, 2.5),
    "sin": (np.sin, 3),
    "cos": (np.cos, 3),
    "tan": (np.tan, 5),
    "asin": (np.arcsin, 2.5),
    "acos": (np.arccos, 1.5),
    "atan": (np.arctan, 2),
    "erf": (np.vectorize(math.erf), 1.5),
    "erfc": (np.vectorize(math.erfc), 5),
}
OF_TWO: dict[str, tuple[Callable[..., Any], float]] = {
    "fmod": (np.fmod, 0),
    "pow": (np.power, 1.5),
    "atan2": (np.arctan2, 2.5),
}


def _errors(actual: NDArray[np.float32], exact: NDArray[np.float64]) -> NDArray[np.float64]:
    """In units in the last place; infinite where one of the two is infinite or no number, or the sign of a 0 differs."""
    rounded = exact.astype(np.float32)
    unit = np.spacing(np.maximum(np.abs(rounded), np.finfo(np.float32).tiny)).astype(np.float64)
    error = np.abs(actual.astype(np.float64) - exact) / unit
    same = (actual == rounded) & (np.signbit(actual) == np.signbit(rounded))
    ends = ~np.isfinite(rounded) | ~np.isfinite(actual) | (rounded == 0)
    error = np.where(ends, np.where(same, 0, np.where((rounded == 0) & (actual != 0), error, np.inf)), error)
    return np.where(np.isnan(actual) & np.isnan(exact), 0, error)


def _any_bits(rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.integers(0, 2**32, COUNT).astype(np.uint32).view(np.float32)


def _uniform(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float32]:
    return rng.uniform(low, high, COUNT).astype(np.float32)


def _check(
    libraries: tuple[KernelLibrary, ...],
    name: str,
    operands: tuple[NDArray[np.float32], ...],
    function: Callable[..., Any],
    limit: float,
) -> None:
    with np.errstate(all="ignore"):
        exact = function(*(operand.astype(np.float64) for operand in operands))
        results = [library.map(f"math_{name}", *operands, dtype=np.float32) for library in libraries]
        error = _errors(results[0], exact)
    worst = int(np.argmax(error))
    assert error[worst] <= limit, f"{name}{tuple(operand[worst] for operand in operands)} = {exact[worst]}"
    for library, result in zip(libraries, results, strict=True):
        np.testing.assert_array_equal(result, results[0], library.name)


@pytest.mark.parametrize("name", OF_ONE)
def test_of_one(libraries: tuple[KernelLibrary, ...], name: str) -> None:
    rng = np.random.default_rng(1)
    subnormal = rng.integers(0, 2**23, COUNT).astype(np.uint32).view(np.float32)
    ranges = [_uniform(rng, -end, end) for end in (1, 11, 110, 3000)]
    x = np.concatenate([SPECIAL, _any_bits(rng), subnormal, *ranges])
    _check(libraries, name, (x,), *OF_ONE[name])


@pytest.mark.parametrize("name", OF_TWO)
def test_of_two(libraries: tuple[KernelLibrary, ...], name: str) -> None:
    rng = np.random.default_rng(2)
    left, right = (part.ravel() for part in np.meshgrid(SPECIAL, SPECIAL))
    x = [left, _any_bits(rng), _uniform(rng, -20, 20), _uniform(rng, 0, 5), _uniform(rng, 0.99, 1.01)]
    y = [right, _any_bits(rng), np.rint(_uniform(rng, -9, 9)), _uniform(rng, -30, 30), _uniform(rng, -5000, 5000)]
    _check(libraries, name, (np.concatenate(x), np.concatenate(y)), *OF_TWO[name])
