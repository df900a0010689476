# SPDX-License-Identifier: Apache-2.0
"""Reductions of dimensions, and functions along one. Real numbers are summed in float64, integers modulo the size of the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sconnx.graph.operator import (
    ArgMax,
    ArgMin,
    CumSum,
    ReduceL1,
    ReduceL2,
    ReduceLogSum,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
    Reduction,
    TopK,
)
from sconnx.reference.plain.binary import divide
from sconnx.reference.plain.registry import Array, plain


def _wide(x: Array) -> Array:
    """In the type that sums are computed in."""
    return x.astype(np.float64 if x.dtype.kind == "f" else np.int64)


def _mean(x: Array, **along: Any) -> Array:
    total: Array = np.sum(x, **along)
    count = x.size // total.size
    return divide(total, np.array(count, total.dtype))


def _log_sum_exp(x: Array, **along: Any) -> Array:
    largest = np.max(x, axis=along["axis"], keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0)
    rest = np.log(np.sum(np.exp(x - largest), **along))
    return rest + largest.reshape(rest.shape)  # type: ignore[no-any-return]


_FUNCTIONS: dict[type[Reduction], Callable[..., Array]] = {
    ReduceSum: np.sum,
    ReduceMean: _mean,
    ReduceMax: np.max,
    ReduceMin: np.min,
    ReduceProd: np.prod,
    ReduceL1: lambda x, **along: np.sum(np.abs(x), **along),
    ReduceL2: lambda x, **along: np.sqrt(np.sum(np.square(x), **along)),
    ReduceSumSquare: lambda x, **along: np.sum(np.square(x), **along),
    ReduceLogSum: lambda x, **along: np.log(np.sum(x, **along)),
    ReduceLogSumExp: _log_sum_exp,
}


@plain(*_FUNCTIONS)
def reduce(operator: Reduction, x: Array, *_: Array | None) -> Array:
    return _FUNCTIONS[type(operator)](_wide(x), axis=operator.axes, keepdims=operator.keep_dims)


@plain(ArgMax, ArgMin)
def arg_reduce(operator: ArgMax | ArgMin, x: Array) -> Array:
    function = np.argmax if isinstance(operator, ArgMax) else np.argmin
    axis = operator.axis
    if not operator.last:
        return np.asarray(function(x, axis=axis, keepdims=operator.keep_dims))
    return np.asarray(x.shape[axis] - 1 - function(np.flip(x, axis), axis=axis, keepdims=operator.keep_dims))


@plain(CumSum)
def cumulative_sum(operator: CumSum, x: Array, *_: Array | None) -> Array:
    forward = np.flip(x, operator.axis) if operator.reverse else x
    sums = np.cumsum(_wide(forward), axis=operator.axis)
    if operator.exclusive:
        sums = np.roll(sums, 1, operator.axis)
        np.moveaxis(sums, operator.axis, 0)[0] = 0
    return np.flip(sums, operator.axis) if operator.reverse else sums


@plain(TopK)
def top_k(operator: TopK, x: Array, *_: Array | None) -> tuple[Array, Array]:
    axis = operator.axis
    # A stable sort of the reversed elements, reversed, would put the later one of two equal ones first.
    keys = np.argsort(-_wide(x) if operator.largest else x, axis=axis, kind="stable")
    indices = np.take(keys, np.arange(operator.k), axis=axis)
    return np.take_along_axis(x, indices, axis), indices
