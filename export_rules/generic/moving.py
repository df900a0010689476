# SPDX-License-Identifier: Apache-2.0
"""Movements of elements of any size, of plain and of quantised tensors: transpositions, slices, repetitions, pads, resampling.

What the int8 rules of `movement` take goes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import generic
from export_rules.generic.elements import F32, element_bytes
from export_rules.generic.walk import LARGEST_RANK, Walk, needs_few_dims, strides
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import (
    Coordinates,
    Interpolation,
    Pad,
    Pad2D,
    PadMode,
    Resize,
    Slice,
    Tile,
    Transpose,
)
from sconnx.graph.params import Params
from sconnx.reference.plain.movement import PAD_MODES
from sconnx.reference.resampling import is_same, taps

Places = NDArray[np.int64]


def _walk_of(node: ExportNode) -> tuple[Walk, int]:
    """Over the output with the steps of the input, and where the first element is, in bytes."""
    operator, x = node.operator, node.input(0)
    steps = strides(x.dims, element_bytes(x))
    match operator:
        case Transpose():
            return Walk(node.output.dims, (tuple(steps[axis] for axis in operator.permutation),)), 0
        case Slice():
            own = tuple(step * by for step, by in zip(steps, operator.steps, strict=True))
            start = sum(step * first for step, first in zip(steps, operator.starts, strict=True))
            return Walk(operator.sizes, (own,)), start
        case Tile():
            repeated = zip(operator.repeats, x.dims, steps, strict=True)
            axes = [axis for count, dim, step in repeated for axis in ((count, 0), (dim, step))]
            return Walk(tuple(dim for dim, _ in axes), (tuple(step for _, step in axes),)), 0
    missing = len(node.output.dims) - len(x.dims)
    own = tuple(0 if dim == 1 else step for dim, step in zip(x.dims, steps, strict=True))
    return Walk(node.output.dims, ((0,) * missing + own,)), 0


class MoveStrided(Implementation):
    header = "sx_move.h"
    params_type = "sx_move_strided_params"

    def _walk(self, node: ExportNode) -> tuple[Walk, int, int]:
        """The walk, the first element, and the bytes of one: dimensions that stay together at the end are one element."""
        walk, offset = _walk_of(node)
        walk, element = walk.merged, element_bytes(node.output)
        if len(walk.dims) > 1 and walk.steps[0][-1] == element:
            element *= walk.dims[-1]
            walk = Walk(walk.dims[:-1], (walk.steps[0][:-1],))
        return walk, offset, element

    def reject(self, node: ExportNode) -> str | None:
        if node.input(0).tensor.dtype is not node.output.tensor.dtype:
            return "input and output have different dtypes"
        return needs_few_dims(self._walk(node)[0])

    def kernel(self, node: ExportNode) -> str:
        return "sx_move_strided"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        walk, offset, element = self._walk(node)
        return {"walk": walk.fields, "offset": offset, "element_bytes": element}


def _pads(operator: Pad | Pad2D) -> Pad:
    """A Pad of images by the names of one of any dims."""
    if isinstance(operator, Pad):
        return operator
    top, left, bottom, right = operator.padding
    return Pad(before=(0, top, left, 0), after=(0, bottom, right, 0))


def _padded(operator: Pad, axis: int, dim: int) -> Places:
    """The input index of each output index along a dimension, -1 outside."""
    before, after = operator.before[axis], operator.after[axis]
    kept = np.arange(max(-before, 0), dim - max(-after, 0))
    widths = (max(before, 0), max(after, 0))
    if operator.mode is PadMode.CONSTANT:
        return np.pad(kept, widths, constant_values=-1)
    return np.pad(kept, widths, mode=PAD_MODES[operator.mode])  # type: ignore[call-overload,no-any-return]


def _nearest(operator: Resize, axis: int, dim: int) -> Places:
    """The same of a resampling to the nearest element."""
    if is_same(operator, axis, dim):
        return np.arange(dim)
    along = taps(operator, axis, dim)
    return np.where(along.outside, -1, along.indices[:, 0])


class MoveMapped(Implementation):
    """Pads, and resampling to the nearest element: each dimension has a list of places."""

    header = "sx_move.h"
    params_type = "sx_move_mapped_params"

    def _indices(self, node: ExportNode) -> list[Places]:
        operator, dims = node.operator, node.input(0).dims
        if isinstance(operator, Resize):
            return [_nearest(operator, axis, dim) for axis, dim in enumerate(dims)]
        pads = _pads(cast(Pad | Pad2D, operator))
        return [_padded(pads, axis, dim) for axis, dim in enumerate(dims)]

    def _axes(self, node: ExportNode) -> tuple[list[Places], int]:
        """The places of each dimension, in bytes, and the bytes of an element. Neighbours that stay as they are go together."""
        element = element_bytes(node.output)
        found: list[Places] = []
        indices, dims = self._indices(node), node.input(0).dims
        step, is_plain = element, True
        for own, dim in zip(reversed(indices), reversed(dims), strict=True):
            same = len(own) == dim and np.array_equal(own, np.arange(dim))
            if same and not found:
                element *= dim
            elif same and is_plain:
                found[0] = (np.arange(dim)[:, np.newaxis] * step + found[0]).reshape(-1)
            elif not (same and dim == 1):
                found.insert(0, np.where(own < 0, -1, own * step))
                is_plain = same
            step *= dim
        return found or [np.zeros(1, np.int64)], element

    def reject(self, node: ExportNode) -> str | None:
        operator = node.operator
        if isinstance(operator, Resize) and operator.interpolation is not Interpolation.NEAREST:
            return f"interpolation {operator.interpolation.value}, not nearest"
        if node.input(0).tensor.dtype is not node.output.tensor.dtype:
            return "input and output have different dtypes"
        if isinstance(operator, Resize) and operator.coordinates is Coordinates.CROP and node.input(0).quantization:
            return "what lies outside of a crop is not quantised"
        rank = len(self._axes(node)[0])
        return f"{rank} dimensions, the limit is {LARGEST_RANK}" if rank > LARGEST_RANK else None

    def kernel(self, node: ExportNode) -> str:
        return "sx_move_mapped"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def _value(self, node: ExportNode, params: Params) -> NDArray[np.generic]:
        """The element outside of the input, of the real value that the operator says."""
        operator, x = node.operator, node.input(0)
        real = operator.extrapolation if isinstance(operator, Resize) else _pads(cast(Pad | Pad2D, operator)).value
        dtype = np.dtype(x.tensor.dtype.value)
        if x.quantization is None:
            return np.array(real).astype(dtype)
        limits = np.iinfo(dtype)
        stored = np.rint(real / float(params.scale[x.values][0])) + int(params.zero_point[x.values][0])
        return np.clip(stored, limits.min, limits.max).astype(dtype)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        axes, element = self._axes(node)
        has_outside = any((places < 0).any() for places in axes)
        value = self._value(node, params)
        elements = np.full(element // value.itemsize, value).view(np.int8) if has_outside else np.zeros(0, np.int8)
        return {
            "dims": Array(np.array([len(places) for places in axes], np.int32)),
            "places": Array(np.concatenate(axes).astype(np.int32)),
            "value": Array(elements),
            "rank": len(axes),
            "element_bytes": element,
        }


class ResampleF32(Implementation):
    """Linear and cubic: a list of taps for each dimension that is resampled; of the others, lists of one tap."""

    header = "sx_resample_f32.h"
    params_type = "sx_resample_f32_params"

    def _axes(self, node: ExportNode) -> tuple[list[tuple[Places, NDArray[np.float64]]], int]:
        """(places in elements, weights), each [size, taps], of every dimension, and the elements of a block."""
        operator, dims = cast(Resize, node.operator), node.input(0).dims
        found: list[tuple[Places, NDArray[np.float64]]] = []
        block = 1
        for axis, step in reversed(list(enumerate(strides(dims)))):
            dim = dims[axis]
            if is_same(operator, axis, dim):
                if not found:
                    block *= dim
                elif dim > 1:
                    found.insert(0, (np.arange(dim)[:, np.newaxis] * step, np.ones((dim, 1))))
                continue
            along = taps(operator, axis, dim)
            weights = np.where(along.outside[:, np.newaxis], np.nan, along.weights)
            found.insert(0, (along.indices.astype(np.int64) * step, weights))
        return found or [(np.zeros((1, 1), np.int64), np.ones((1, 1)))], block

    def reject(self, node: ExportNode) -> str | None:
        rank = len(self._axes(node)[0])
        return f"{rank} dimensions, the limit is {LARGEST_RANK}" if rank > LARGEST_RANK else None

    def kernel(self, node: ExportNode) -> str:
        return "sx_resample_f32"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        axes, block = self._axes(node)
        return {
            "dims": Array(np.array([len(places) for places, _ in axes], np.int32)),
            "taps": Array(np.array([places.shape[1] for places, _ in axes], np.int32)),
            "places": Array(np.concatenate([places.reshape(-1) for places, _ in axes]).astype(np.int32)),
            "weights": Array(np.concatenate([weights.reshape(-1) for _, weights in axes]).astype(np.float32)),
            "outside": float(cast(Resize, node.operator).extrapolation),
            "rank": len(axes),
            "block": block,
        }


for name in ("Transpose", "Slice", "Tile", "BroadcastTo"):
    generic.register(name, ImplSpec())(MoveStrided)
for name in ("Pad", "Pad2D", "Resize"):
    generic.register(name, ImplSpec())(MoveMapped)
generic.register("Resize", ImplSpec((F32,), (F32,)))(ResampleF32)
