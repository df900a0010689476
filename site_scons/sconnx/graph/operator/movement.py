# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements without computing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sconnx.graph.operator.base import Dims, Operator, axis_of, broadcast_dims, window_dims, without


class PadMode(Enum):
    """What surrounds a tensor: a value; the tensor mirrored without or with its edge; its edge; the tensor again."""

    CONSTANT = "constant"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"
    EDGE = "edge"
    WRAP = "wrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad2D(Operator):
    """Input: x [N,H,W,C], surrounded by the real value 0; the output keeps x's quantization."""

    padding: tuple[int, int, int, int]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return (*window_dims(inputs[0], (1, 1), (1, 1), (1, 1), self.padding), inputs[0][-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshape(Operator):
    """The same elements in the same order under other dims."""

    dims: Dims

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if math.prod(self.dims) != math.prod(inputs[0]):
            raise ValueError(f"dims {inputs[0]} cannot be reshaped to {self.dims}")
        return self.dims


@dataclass(frozen=True, slots=True, kw_only=True)
class Transpose(Operator):
    """Dimension i of the output is dimension permutation[i] of the input."""

    permutation: tuple[int, ...]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if sorted(self.permutation) != list(range(len(inputs[0]))):
            raise ValueError(f"permutation {self.permutation} does not fit dims {inputs[0]}")
        return tuple(inputs[0][axis] for axis in self.permutation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concat(Operator):
    """Inputs: tensors that differ in dimension `axis` at most, put one behind the other along it; all have one quantization."""

    axis: int

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        first = inputs[0]
        if not 0 <= self.axis < len(first):
            raise ValueError(f"axis {self.axis} does not fit dims {first}")
        for dims in inputs[1:]:
            if len(dims) != len(first) or without(dims, self.axis) != without(first, self.axis):
                raise ValueError(f"dims {first} and {dims} do not fit each other along axis {self.axis}")
        total = sum(dims[self.axis] for dims in inputs)
        return (*first[: self.axis], total, *first[self.axis + 1 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Operator):
    """Input: x. Output i is the i-th part of it along dimension `axis`, `sizes[i]` long; all keep x's quantization."""

    axis: int
    sizes: tuple[int, ...]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        return self.dims_of_outputs(inputs)[0]

    def dims_of_outputs(self, inputs: Sequence[Dims]) -> tuple[Dims, ...]:
        x = inputs[0]
        if not 0 <= self.axis < len(x):
            raise ValueError(f"axis {self.axis} does not fit dims {x}")
        if not self.sizes or min(self.sizes) < 1 or sum(self.sizes) != x[self.axis]:
            raise ValueError(f"parts of {list(self.sizes)} do not make up axis {self.axis} of dims {x}")
        return tuple((*x[: self.axis], size, *x[self.axis + 1 :]) for size in self.sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad(Operator):
    """Input: x of any dims; the output keeps x's quantization.

    Args:
        before, after: elements added to each dimension; negative ones are cut off.
        value: in the real numbers that the elements stand for, of mode CONSTANT.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    mode: PadMode = PadMode.CONSTANT
    value: float = 0.0

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x = inputs[0]
        if not len(x) == len(self.before) == len(self.after):
            raise ValueError(f"pads {self.before} and {self.after} do not fit dims {x}")
        dims = tuple(map(sum, zip(x, self.before, self.after, strict=True)))
        if any(dim < 1 for dim in dims):
            raise ValueError(f"pads {self.before} and {self.after} leave nothing of dims {x}")
        limit = {PadMode.REFLECT: -1, PadMode.SYMMETRIC: 0}.get(self.mode)
        if limit is not None and any(
            max(pads) > dim + limit for dim, *pads in zip(x, self.before, self.after, strict=True)
        ):
            raise ValueError(f"pads {self.before} and {self.after} are larger than dims {x} can mirror")
        return dims


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Operator):
    """Input: x. Element i along dimension d of the output is element starts[d] + i * steps[d] of the input.

    Args:
        sizes: of the output.
        steps: not 0; negative ones go backwards.
    """

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    steps: tuple[int, ...]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x = inputs[0]
        if not len(x) == len(self.starts) == len(self.sizes) == len(self.steps):
            raise ValueError(f"starts {self.starts} do not fit dims {x}")
        for dim, start, size, step in zip(x, self.starts, self.sizes, self.steps, strict=True):
            if size < 1 or step == 0 or not (0 <= start < dim and 0 <= start + (size - 1) * step < dim):
                raise ValueError(f"slice {start}, {size} elements, step {step} does not fit a dimension of {dim}")
        return self.sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather(Operator):
    """Inputs: x, indices (integers, negative ones from the end). x with dimension `axis` replaced by the dims of the indices."""

    axis: int
    batch_dims: int = 0

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, indices = inputs[0], inputs[1]
        axis = axis_of(self.axis, x)
        if not self.batch_dims <= min(axis, len(indices)) or x[: self.batch_dims] != indices[: self.batch_dims]:
            raise ValueError(f"{self.batch_dims} batch dimensions do not fit dims {x} and {indices}")
        return (*x[:axis], *indices[self.batch_dims :], *x[axis + 1 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherElements(Operator):
    """Inputs: x, indices of the same rank. Output[i][j][k] = x[i][indices[i][j][k]][k] for axis 1."""

    axis: int

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, indices = inputs[0], inputs[1]
        axis = axis_of(self.axis, x)
        if len(x) != len(indices) or any(
            have > most for place, (have, most) in enumerate(zip(indices, x, strict=True)) if place != axis
        ):
            raise ValueError(f"indices {indices} do not fit dims {x} along axis {axis}")
        return indices


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherND(Operator):
    """Inputs: x, indices [..., n]: each n of them are a place in the first n dimensions of x behind the batch."""

    batch_dims: int = 0

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, indices = inputs[0], inputs[1]
        batch = self.batch_dims
        if not indices or x[:batch] != indices[:batch] or batch + indices[-1] > len(x):
            raise ValueError(f"indices {indices} do not fit dims {x}")
        return (*indices[:-1], *x[batch + indices[-1] :])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterND(Operator):
    """Inputs: x, indices [..., n], updates. x with what lies at the indices replaced by the updates."""

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        x, indices, updates = inputs[0], inputs[1], inputs[2]
        if not indices or indices[-1] > len(x) or updates != (*indices[:-1], *x[indices[-1] :]):
            raise ValueError(f"indices {indices} and updates {updates} do not fit dims {x}")
        return x


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastTo(Operator):
    """Input: x, repeated along dimensions of 1 and missing ones (numpy's rule)."""

    dims: Dims

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if broadcast_dims([inputs[0], self.dims]) != self.dims:
            raise ValueError(f"dims {inputs[0]} do not broadcast to {self.dims}")
        return self.dims


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile(Operator):
    """Input: x, repeated as a whole `repeats` times along each dimension."""

    repeats: tuple[int, ...]

    def output_dims(self, inputs: Sequence[Dims]) -> Dims:
        if len(self.repeats) != len(inputs[0]) or any(count < 1 for count in self.repeats):
            raise ValueError(f"repeats {self.repeats} do not fit dims {inputs[0]}")
        return tuple(dim * count for dim, count in zip(inputs[0], self.repeats, strict=True))
