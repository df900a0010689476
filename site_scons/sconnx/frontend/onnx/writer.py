# SPDX-License-Identifier: Apache-2.0
"""Appends IR nodes, and brings tensors into the order of dimensions that an operator needs.

ONNX spatial operators are NCHW and NCL, the IR is NHWC and NLC. A tensor is stored once, in the order its producer writes,
and a `View` says how ONNX sees it; an ONNX Transpose, or a reshape that only moves dimensions of size 1,
changes the view. Data are moved (IR Transpose) only where an operator reads in another order than the stored
one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import permutations

import onnx

from sconnx.frontend.onnx.values import Unsupported, View
from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import Dims, Operator, Reshape, Transpose

NHWC = (0, 2, 3, 1)
CHANNELS_LAST = {3: (0, 2, 1), 4: NHWC}
"""The ONNX axes in the order in which the IR stores them, by number of dimensions."""


def wide_axes(dims: Dims) -> tuple[int, ...]:
    """The axes longer than 1: they alone decide the order of the elements."""
    return tuple(axis for axis, dim in enumerate(dims) if dim > 1)


def axes_from(count: int, axes: Sequence[int]) -> tuple[int, ...]:
    """ONNX axes, negative ones from the end, as 0..count-1."""
    result = tuple(axis + count if axis < 0 else axis for axis in axes)
    if any(not 0 <= axis < count for axis in result) or len(set(result)) != len(result):
        raise Unsupported(f"axes {list(axes)} do not fit {count} dimensions")
    return result


def orders(count: int) -> Iterator[tuple[int, ...]]:
    """The orders in which `count` dimensions can be stored: as ONNX has them, images as NHWC, then any other."""
    yield tuple(range(count))
    if count == 4:
        yield NHWC
    if count <= 4:
        yield from permutations(range(count))


def stored_axes(view: View, dims: Dims) -> tuple[int, ...] | None:
    """The ONNX axis of each stored dimension; None when the stored dims are no permutation of ONNX's."""
    if len(dims) != len(view.dims):
        return None
    for axes in orders(len(dims)):
        order = tuple(axis for axis in axes if view.dims[axis] > 1)
        if order == view.order and tuple(view.dims[axis] for axis in axes) == dims:
            return axes
    return None


class Writer:
    """The IR under construction.

    Args:
        nodes: the ONNX nodes; their names go to the IR nodes.
    """

    def __init__(self, builder: ModelBuilder, nodes: Sequence[onnx.NodeProto]) -> None:
        self.builder = builder
        self.nodes = nodes
        self.current = 0
        self._moved: dict[tuple[int, Operator], int] = {}

    def quantization(self, view: View) -> QuantValues:
        return self.builder.quantizations[view.tensor]

    def node(self, operator: Operator, inputs: tuple[int | None, ...], quant: QuantValues, index: int) -> int:
        """Append an operator for ONNX node `index`; its output is named after the node being walked now."""
        source = self.nodes[index]
        return self.builder.add_node(
            operator,
            inputs,
            name=source.name or source.output[0],
            source_index=index,
            output_name=self.nodes[self.current].output[0],
            quantization=quant,
        )

    def node_of_many(
        self, operator: Operator, inputs: tuple[int | None, ...], quant: QuantValues, index: int
    ) -> tuple[int, ...]:
        """Append an operator for ONNX node `index` and all its outputs."""
        source = self.nodes[index]
        return self.builder.add_node_of_many(
            operator,
            inputs,
            name=source.name or source.output[0],
            source_index=index,
            output_names=list(source.output),
            quantization=quant,
        )

    def _move(self, operator: Operator, tensor: int, mover: int | None) -> int:
        """Append a Transpose or Reshape, once for all its readers."""
        if (tensor, operator) not in self._moved:
            index = self.current if mover is None else mover
            source = self.nodes[index]
            self._moved[tensor, operator] = self.builder.add_node(
                operator,
                (tensor,),
                name=source.name or source.output[0],
                source_index=index,
                output_name=self.builder.tensors[tensor].name if mover is None else source.output[0],
                quantization=self.builder.quantizations[tensor],
            )
        return self._moved[tensor, operator]

    def stored(self, view: View, axes: Sequence[int]) -> int:
        """The IR tensor whose dimension i is ONNX dimension axes[i] of the view."""
        dims = tuple(view.dims[axis] for axis in axes)
        tensor = view.tensor
        if tuple(axis for axis in axes if view.dims[axis] > 1) != view.order:
            permutation = self._permutation(view, axes)
            tensor = self._move(Transpose(permutation=permutation), tensor, view.mover)
        if self.builder.tensors[tensor].dims != dims:
            tensor = self._move(Reshape(dims=dims), tensor, view.mover)
        return tensor

    def _permutation(self, view: View, axes: Sequence[int]) -> tuple[int, ...]:
        """The stored dimensions in the order of `axes`; those of size 1 go where there is room for them."""
        stored = self.builder.tensors[view.tensor].dims
        position = dict(zip(view.order, wide_axes(stored), strict=True))
        ones = [axis for axis, dim in enumerate(stored) if dim == 1]
        permutation = []
        for axis in axes:
            if axis in position:
                permutation.append(position[axis])
            elif ones:
                permutation.append(ones.pop(0))
        return (*ones, *permutation)

    def in_order(self, view: View) -> int:
        """The IR tensor in ONNX's own order of dimensions."""
        return self.stored(view, range(len(view.dims)))

    def like(self, view: View, other: View) -> int:
        """The IR tensor of a view, stored the way `other` (of the same dims) is stored."""
        ones = tuple(axis for axis, dim in enumerate(view.dims) if dim == 1)
        same_order = view.order == other.order
        tensor = view.tensor if same_order else self.stored(view, (*ones, *other.order))
        dims = self.builder.tensors[other.tensor].dims
        return tensor if self.builder.tensors[tensor].dims == dims else self._move(Reshape(dims=dims), tensor, None)

    def transpose(self, view: View, permutation: tuple[int, ...], mover: int) -> View:
        """Only the view changes: ONNX dimension i is now the old permutation[i]."""
        dims = tuple(view.dims[axis] for axis in permutation)
        return View(view.tensor, dims, tuple(permutation.index(axis) for axis in view.order), mover)

    def reshape(self, view: View, dims: Dims, mover: int) -> View:
        """The view changes when only dimensions of size 1 do; else the elements are brought in order."""
        if math.prod(dims) != math.prod(view.dims):
            raise Unsupported(f"dims {view.dims} cannot be reshaped to {dims}")
        old, new = wide_axes(view.dims), wide_axes(dims)
        if [view.dims[axis] for axis in old] == [dims[axis] for axis in new]:
            renamed = dict(zip(old, new, strict=True))
            return View(view.tensor, dims, tuple(renamed[axis] for axis in view.order), mover)
        ordered = view.tensor if view.order == old else self.in_order(View(view.tensor, view.dims, view.order, mover))
        return View(self._move(Reshape(dims=dims), ordered, mover), dims, new, mover)
