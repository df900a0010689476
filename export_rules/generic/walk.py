# SPDX-License-Identifier: Apache-2.0
"""The fields of `sx_walk`: a loop over an array of any rank, with the steps of operands that lie otherwise or repeat."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sconnx.codegen.c_value import Array, CValue
from sconnx.graph.operator import Dims

LARGEST_RANK = 8
"""SX_MAX_RANK of sx_walk.h."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Dimensions, outermost first, and of each operand the steps along them.

    Args:
        steps: of an operand the distance for an index more along each dimension, in what unit one likes.
    """

    dims: Dims
    steps: tuple[Dims, ...]

    @property
    def merged(self) -> Walk:
        """The same order of elements in the fewest dimensions; at least one."""
        axes: list[tuple[int, Dims]] = []
        for dim, steps in zip(self.dims, zip(*self.steps, strict=True), strict=True):
            if dim == 1:
                continue
            if axes and all(outer == dim * inner for outer, inner in zip(axes[-1][1], steps, strict=True)):
                axes[-1] = (axes[-1][0] * dim, steps)
            else:
                axes.append((dim, steps))
        if not axes:
            axes = [(1, (0,) * len(self.steps))]
        return Walk(tuple(dim for dim, _ in axes), tuple(zip(*(steps for _, steps in axes), strict=True)))

    @property
    def fields(self) -> dict[str, CValue]:
        return {
            "dims": Array(np.array(self.dims, np.int32)),
            "steps": Array(np.array(self.steps, np.int32)),
            "rank": len(self.dims),
        }


def strides(dims: Dims, element: int = 1) -> Dims:
    """The distance for an index more along each dimension of an array, by the size of its elements."""
    sizes = itertools.accumulate(reversed(dims), lambda size, dim: size * dim, initial=element)
    return tuple(sizes)[-2::-1] if dims else ()


def broadcast_walk(dims: Dims, operands: Sequence[Dims], elements: Sequence[int]) -> Walk:
    """Over `dims`, to which the dims of operands broadcast; the size of each one's elements."""
    steps = []
    for own, element in zip(operands, elements, strict=True):
        missing = len(dims) - len(own)
        own_steps = (0 if dim == 1 else step for dim, step in zip(own, strides(own, element), strict=True))
        steps.append((0,) * missing + tuple(own_steps))
    return Walk(dims, tuple(steps)).merged


def needs_few_dims(walk: Walk) -> str | None:
    """A reason when the loop has too many dimensions."""
    rank = len(walk.dims)
    return None if rank <= LARGEST_RANK else f"{rank} dimensions that do not go together, the limit is {LARGEST_RANK}"


def around(dims: Dims, axis: int) -> tuple[int, int, int]:
    """The elements before, along and behind a dimension."""
    return math.prod(dims[:axis]), dims[axis], math.prod(dims[axis + 1 :])
