# SPDX-License-Identifier: Apache-2.0
"""Operators that move elements without changing them: Reshape (no code at all), Transpose and Pad2D."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from export_rules.generic import IMAGE_S8, S8, generic
from export_rules.generic.quantized import zero_point
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Alias, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Pad2D, Transpose
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant


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
