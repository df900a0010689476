# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements without changing them. Of Reshape there is no code at all, of Concat and Split often none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from export_rules.generic import IMAGE_S8, S8, generic
from export_rules.generic.quantized import zero_point
from export_rules.generic.rows import has_rows
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Alias, Parts, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode, Operand
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Concat, Pad2D, Split, Transpose
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant


@generic.register("BitCast", ImplSpec())
@generic.register("Reshape", ImplSpec())
class ReshapeAlias(Implementation):
    def reject(self, node: ExportNode) -> str | None:
        return "input 0 is a constant" if isinstance(node.input(0).tensor, Constant) else None

    def access(self, node: ExportNode) -> Alias:
        return Alias()


@generic.register("Transpose", ImplSpec(inputs=(S8,), outputs=(S8,)))
class TransposeWhole(Implementation):
    header = "sx_transpose_s8.h"
    params_type = "sx_transpose_s8"

    def reject(self, node: ExportNode) -> str | None:
        rank = len(node.output.dims)
        return f"{rank} dimensions, the limit is 4" if rank > 4 else None

    def kernel(self, node: ExportNode) -> str:
        return "sx_transpose_s8_exact"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        in_dims = node.input(0).dims
        strides = [math.prod(in_dims[axis + 1 :]) for axis in range(len(in_dims))]
        permutation = cast(Transpose, node.operator).permutation
        missing = 4 - len(in_dims)
        dims = (1,) * missing + node.output.dims
        steps = (0,) * missing + tuple(strides[axis] for axis in permutation)
        return {
            **{f"dims[{i}]": dim for i, dim in enumerate(dims)},
            **{f"strides[{i}]": step for i, step in enumerate(steps)},
        }


@generic.register("Pad2D", ImplSpec(inputs=(IMAGE_S8,), outputs=(IMAGE_S8,)))
class Pad2DRows(Implementation):
    header = "sx_pad2d_s8.h"
    params_type = "sx_pad2d_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_pad2d_s8_exact"

    def access(self, node: ExportNode) -> Window:
        return Window(kernel=1, stride=1, dilation=1, pad=cast(Pad2D, node.operator).padding[0])

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        _, left, _, right = cast(Pad2D, node.operator).padding
        return {
            "left_bytes": left * node.input(0).channels,
            "row_bytes": node.input(0).row_bytes,
            "right_bytes": right * node.input(0).channels,
            "value": zero_point(params, node.input(0)),
        }


def _parts_access(whole: Operand, parts: Sequence[Operand], axis: int) -> Parts | Window | Whole:
    """Contiguous parts lie in the whole, unless a part is constant or two parts are one tensor; images are moved row by row."""
    in_arena = not any(isinstance(operand.tensor, Constant) for operand in (whole, *parts))
    distinct = len({part.index for part in parts}) == len(parts)
    if math.prod(whole.dims[:axis]) == 1 and in_arena and distinct:
        return Parts()
    if axis > 1 and all(has_rows(operand) for operand in (whole, *parts)):
        return Window(1, 1, 1, 0)
    return Whole()


def _other_dtypes(node: ExportNode) -> str | None:
    """A reason when elements would have to be converted."""
    dtypes = {operand.tensor.dtype.value for operand in (*node.inputs, *node.outputs) if operand}
    return f"its operands are {' and '.join(sorted(dtypes))}" if len(dtypes) > 1 else None


def _run_bytes(operand: Operand, axis: int) -> int:
    """What lies together from a dimension on."""
    return math.prod(operand.dims[axis:]) * operand.tensor.dtype.size_bytes


def _parts_fields(whole: Operand, parts: Sequence[Operand], axis: int) -> dict[str, CValue]:
    """The runs of one call: of a row [width, channels], or of whole tensors."""
    start = 2 if isinstance(_parts_access(whole, parts, axis), Window) else 0
    return {
        "part_bytes": Array(np.array([_run_bytes(part, axis) for part in parts], np.int32)),
        "parts": len(parts),
        "runs": math.prod(whole.dims[start:axis]),
    }


@generic.register("Concat", ImplSpec())
class ConcatParts(Implementation):
    header = "sx_concat_s8.h"
    params_type = "sx_concat_s8"

    def reject(self, node: ExportNode) -> str | None:
        return _other_dtypes(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_concat_s8_exact"

    def access(self, node: ExportNode) -> Parts | Window | Whole:
        return _parts_access(node.output, self._inputs(node), cast(Concat, node.operator).axis)

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return tuple(range(len(node.inputs)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return _parts_fields(node.output, self._inputs(node), cast(Concat, node.operator).axis)

    def _inputs(self, node: ExportNode) -> list[Operand]:
        return [node.input(position) for position in range(len(node.inputs))]


@generic.register("Split", ImplSpec())
class SplitParts(Implementation):
    header = "sx_split_s8.h"
    params_type = "sx_split_s8"

    def reject(self, node: ExportNode) -> str | None:
        return _other_dtypes(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_split_s8_exact"

    def access(self, node: ExportNode) -> Parts | Window | Whole:
        return _parts_access(node.input(0), node.outputs, cast(Split, node.operator).axis)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        axis = cast(Split, node.operator).axis
        fields = _parts_fields(node.input(0), node.outputs, axis)
        return {**fields, "run_bytes": _run_bytes(node.input(0), axis)}
