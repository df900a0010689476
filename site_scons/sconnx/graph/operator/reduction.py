# SPDX-License-Identifier: Apache-2.0
"""Operators that reduce dimensions, or go along one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.graph.operator.base import Dims, Operator, axis_of, without


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction(Operator, stands_for_others=True):
    """Input: x. One element of all those along `axes`.

    Args:
        axes: ascending, from 0; none reduces nothing.
        keep_dims: whether reduced dimensions stay, as 1.
    """

    axes: tuple[int, ...]
    keep_dims: bool = True

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x = inputs[0]
        for axis in self.axes:
            axis_of(axis, x)
        kept = (1 if axis in self.axes else dim for axis, dim in enumerate(x))
        return tuple(kept) if self.keep_dims else tuple(dim for axis, dim in enumerate(x) if axis not in self.axes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceSum(Reduction):
    """The sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceMean(Reduction):
    """The mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceMax(Reduction):
    """The largest element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceMin(Reduction):
    """The smallest element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceProd(Reduction):
    """The product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceL1(Reduction):
    """The sum of |x|."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceL2(Reduction):
    """The square root of the sum of x^2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceSumSquare(Reduction):
    """The sum of x^2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceLogSum(Reduction):
    """The logarithm of the sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceLogSumExp(Reduction):
    """The logarithm of the sum of exp(x)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgReduction(Operator, stands_for_others=True):
    """Input: x. An index along `axis`.

    Args:
        keep_dims: whether the dimension stays, as 1.
        last: of equal elements the last one; else the first.
    """

    axis: int
    keep_dims: bool = True
    last: bool = False

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, axis = inputs[0], axis_of(self.axis, inputs[0])
        return (*x[:axis], 1, *x[axis + 1 :]) if self.keep_dims else without(x, axis)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgMax(ArgReduction):
    """The index of the largest element; int32 or int64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgMin(ArgReduction):
    """The index of the smallest element; int32 or int64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CumSum(Operator):
    """Input: x. The sum of the elements up to each one along `axis`.

    Args:
        exclusive: without the element itself.
        reverse: from the end.
    """

    axis: int
    exclusive: bool = False
    reverse: bool = False

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        axis_of(self.axis, inputs[0])
        return inputs[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopK(Operator):
    """Input: x. Outputs: the k largest (or smallest) elements along `axis` in order, and their indices (int64 or int32).

    Of equal elements the one with the lower index comes first.
    """

    axis: int
    k: int
    largest: bool = True

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return self.dims_of_outputs(inputs)[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        x, axis = inputs[0], axis_of(self.axis, inputs[0])
        if not 1 <= self.k <= x[axis]:
            raise ValueError(f"the first {self.k} of {x[axis]} elements along axis {axis}")
        dims = (*x[:axis], self.k, *x[axis + 1 :])
        return dims, dims
