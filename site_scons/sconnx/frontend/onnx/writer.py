# SPDX-License-Identifier: Apache-2.0
"""Appends IR nodes, and brings tensors into the order of dimensions that an operator needs.

ONNX spatial operators are NCHW, NCL and NCDHW, the IR is channels last. A tensor is stored once, in the order its producer
writes, and a `View` says how ONNX sees it; an ONNX Transpose, or a reshape that only moves dimensions of size 1,
changes the view. Data are moved (IR Transpose) only where an operator reads in another order than the stored
one; constants are moved here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
import onnx
from numpy.typing import NDArray

from sconnx.frontend.onnx.printable import printable
from sconnx.frontend.onnx.values import Unsupported, View
from sconnx.graph.model import ModelBuilder, QuantValues
from sconnx.graph.operator import Dequantize, Dims, Operator, Quantize, Reshape, Transpose
from sconnx.graph.tensor import Constant, DType
from sconnx.reference.quantized import QUANTIZED

DTYPES = frozenset(dtype.value for dtype in DType)
NHWC = (0, 2, 3, 1)
CHANNELS_LAST = {3: (0, 2, 1), 4: NHWC, 5: (0, 2, 3, 4, 1)}
"""The ONNX axes in the order in which the IR stores them, by number of dimensions."""


def wide_axes(dims: Dims) -> tuple[int, ...]:
    """The axes longer than 1: they alone decide the order of the elements."""
    return tuple(axis for axis, dim in enumerate(dims) if dim > 1)


def order_of(axes: Sequence[int], dims: Dims) -> tuple[int, ...]:
    """Those of some axes that are longer than 1."""
    return tuple(axis for axis in axes if dims[axis] > 1)


def axes_from(count: int, axes: Sequence[int]) -> tuple[int, ...]:
    """ONNX axes, negative ones from the end, as 0..count-1."""
    result = tuple(axis + count if axis < 0 else axis for axis in axes)
    if any(not 0 <= axis < count for axis in result) or len(set(result)) != len(result):
        raise Unsupported(f"axes {list(axes)} do not fit {count} dimensions")
    return result


def orders(count: int) -> Iterator[tuple[int, ...]]:
    """The orders in which `count` dimensions can be stored: as ONNX has them, images as NHWC, then any other."""
    yield tuple(range(count))
    if count in (4, 5):
        yield CHANNELS_LAST[count]
    if count <= 4:
        yield from permutations(range(count))


def stored_axes(view: View, dims: Dims) -> tuple[int, ...] | None:
    """The ONNX axis of each stored dimension; None when the stored dims are no permutation of ONNX's."""
    if len(dims) != len(view.dims):
        return None
    units = iter(axis for axis, dim in enumerate(view.dims) if dim == 1)
    wide = iter(view.order)
    filled = tuple(next(units, -1) if dim == 1 else next(wide, -1) for dim in dims)
    for axes in (*orders(len(dims)), filled):
        order = tuple(axis for axis in axes if view.dims[axis] > 1)
        if order == view.order and tuple(view.dims[axis] for axis in axes) == dims:
            return axes
    return None


def has_int8(operator: Operator) -> bool:
    """Whether an operator computes with quantised elements: the reference says how, or it is the user's own."""
    return type(operator) in QUANTIZED or not type(operator).__module__.startswith(
        Operator.__module__.partition(".")[0]
    )


class Writer:
    """The IR under construction.

    Args:
        nodes: the ONNX nodes; their names go to the IR nodes.
        positions: of the nodes in the file.
    """

    def __init__(self, builder: ModelBuilder, nodes: Sequence[onnx.NodeProto], positions: Sequence[int]) -> None:
        self.builder = builder
        self.nodes = list(nodes)
        self.positions = list(positions)
        self.current = 0
        self._moved: dict[tuple[int, Operator], int] = {}
        self._real: dict[int, int] = {}

    def inner(self, node: onnx.NodeProto, outer: int) -> int:
        """The index of a node that node `outer` contains: of a function's body, or of a branch."""
        self.nodes.append(node)
        self.positions.append(self.positions[outer])
        return len(self.nodes) - 1

    def quantization(self, view: View) -> QuantValues:
        return self.builder.quantizations[view.tensor]

    def dtype(self, view: View) -> DType:
        return self.builder.tensors[view.tensor].dtype

    def is_quantized(self, view: View, dtype: DType = DType.INT8) -> bool:
        return self.dtype(view) is dtype and view.tensor in self.builder.quantizations

    def constant(self, name: str, value: NDArray[np.generic], quant: QuantValues | None = None) -> View:
        """A constant of ONNX's order of dimensions. Raises Unsupported for element types that the IR has not."""
        if value.dtype.name not in DTYPES:
            raise Unsupported(f"constant {printable(name)} is {value.dtype}, which is not supported at run time")
        if 0 in value.shape:
            raise Unsupported(f"constant {printable(name)} has no elements, its dims are {value.shape}")
        tensor = self.builder.add_constant(name, value, quant)
        return View(tensor, value.shape, wide_axes(value.shape))

    def node(
        self,
        operator: Operator,
        inputs: tuple[int | None, ...],
        quant: QuantValues | None,
        index: int,
        dtype: DType | None = None,
    ) -> int:
        """Append an operator for ONNX node `index`.

        A quantised output is named after the node being walked now, which is the one that quantises it.

        Args:
            dtype: of the output; None: int8 when it is quantised, else float32.

        Raises:
            Unsupported: there is no arithmetic of the operator on quantised elements.
        """
        if quant is not None and not has_int8(operator):
            raise Unsupported(f"{operator.type_name} is computed in float32")
        return self._append(operator, inputs, quant, index, dtype)

    def _append(
        self,
        operator: Operator,
        inputs: tuple[int | None, ...],
        quant: QuantValues | None,
        index: int,
        dtype: DType | None,
    ) -> int:
        source = self.nodes[index]
        return self.builder.add_node(
            operator,
            inputs,
            name=source.name or source.output[0],
            source_index=self.positions[index],
            output_name=(source if quant is None else self.nodes[self.current]).output[0],
            dtype=dtype or (DType.FLOAT32 if quant is None else DType.INT8),
            quantization=quant,
        )

    def mover(self, operator: Operator, inputs: tuple[int, ...], index: int) -> int:
        """Append an operator that moves elements of its first input: element type and quantisation stay."""
        first, builder = inputs[0], self.builder
        return self._append(operator, inputs, builder.quantizations.get(first), index, builder.tensors[first].dtype)

    def node_of_many(
        self,
        operator: Operator,
        inputs: tuple[int | None, ...],
        quant: QuantValues | Sequence[QuantValues | None] | None,
        index: int,
        dtypes: DType | Sequence[DType],
        names: Sequence[str] | None = None,
    ) -> tuple[int, ...]:
        """Append an operator for ONNX node `index` and all its outputs.

        Args:
            dtypes: of all outputs, or of each one.
            names: of the outputs; None: those of the ONNX node's.
        """
        source = self.nodes[index]
        return self.builder.add_node_of_many(
            operator,
            inputs,
            name=source.name or next(iter(filter(None, source.output))),
            source_index=self.positions[index],
            output_names=list(source.output if names is None else names),
            dtype=dtypes,
            quantization=quant,
        )

    def quantized(self, view: View, quant: QuantValues, index: int, dtype: DType = DType.INT8) -> View:
        """A float32 tensor as integers."""
        return View(self.node(Quantize(), (view.tensor,), quant, index, dtype), view.dims, view.order)

    def dequantized(self, view: View) -> View:
        """A quantised tensor as float32, once for all its readers."""
        if view.tensor not in self._real:
            name = self.builder.tensors[view.tensor].name
            self._real[view.tensor] = self.builder.add_node(
                Dequantize(),
                (view.tensor,),
                name=f"{name}/Dequantize",
                source_index=self.positions[self.current],
                output_name=f"{name}/real",
                dtype=DType.FLOAT32,
            )
        return View(self._real[view.tensor], view.dims, view.order, view.mover)

    def _move(self, operator: Transpose | Reshape, tensor: int, mover: int | None) -> int:
        """Append a Transpose or Reshape, once for all its readers; of a constant, another constant."""
        if (tensor, operator) not in self._moved:
            moved = self._moved_constant if isinstance(self.builder.tensors[tensor], Constant) else self._moved_data
            self._moved[tensor, operator] = moved(operator, tensor, mover)
        return self._moved[tensor, operator]

    def _moved_constant(self, operator: Transpose | Reshape, tensor: int, _: int | None) -> int:
        value, builder = self.builder.values[tensor], self.builder
        moved = (
            value.transpose(operator.permutation) if isinstance(operator, Transpose) else value.reshape(operator.dims)
        )
        return builder.add_constant(builder.tensors[tensor].name, moved, builder.quantizations.get(tensor))

    def _moved_data(self, operator: Transpose | Reshape, tensor: int, mover: int | None) -> int:
        index = self.current if mover is None else mover
        source = self.nodes[index]
        return self.builder.add_node(
            operator,
            (tensor,),
            name=source.name or source.output[0],
            source_index=self.positions[index],
            output_name=self.builder.tensors[tensor].name if mover is None else source.output[0],
            dtype=self.builder.tensors[tensor].dtype,
            quantization=self.builder.quantizations.get(tensor),
        )

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

    def layout(self, view: View) -> tuple[int, tuple[int, ...]]:
        """An IR tensor with the elements of a view, and the ONNX axis of each of its dimensions. Moves no data."""
        axes = stored_axes(view, self.builder.tensors[view.tensor].dims)
        if axes is not None:
            return view.tensor, axes
        axes = (*(axis for axis, dim in enumerate(view.dims) if dim == 1), *view.order)
        return self.stored(view, axes), axes

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
