# SPDX-License-Identifier: Apache-2.0
"""Writing elements to given places: of any dtype where they are replaced, of float32 where they are joined."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import F32, generic
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import ScatterElements, Scattering
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

_JOINED = {Scattering.ADD: 0, Scattering.MULTIPLY: 1, Scattering.MINIMUM: 2, Scattering.MAXIMUM: 3}
"""The numbers of sx_scattering."""
_INDICES = (DType.INT32, DType.INT64)


def _strides(dims: tuple[int, ...]) -> list[int]:
    return [math.prod(dims[axis + 1 :]) for axis in range(len(dims))]


class _ScatterElements(Implementation):
    header = "sx_scatter_elements.h"
    params_type = "sx_scatter_elements"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1, 2)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(ScatterElements, node.operator)
        x, indices = node.input(0), node.input(1)
        return {
            "dims": Array(np.array(indices.dims, np.int32)),
            "strides": Array(np.array(_strides(x.dims), np.int32)),
            "rank": len(x.dims),
            "axis": operator.axis,
            "axis_size": x.dims[operator.axis],
            "elements": x.size,
            "updates": indices.size,
            "element_bytes": x.tensor.dtype.size_bytes,
            "index_bytes": indices.tensor.dtype.size_bytes,
            "scattering": _JOINED.get(operator.scattering, 0),
        }


def _wrong_indices(node: ExportNode) -> str | None:
    dtype = node.input(1).tensor.dtype
    return None if dtype in _INDICES else f"input 1 is {dtype.value}, not int32 or int64"


@generic.register("ScatterElements", ImplSpec())
class ScatterElementsBytes(_ScatterElements):
    def reject(self, node: ExportNode) -> str | None:
        scattering = cast(ScatterElements, node.operator).scattering
        if scattering is not Scattering.REPLACE:
            return f"elements are joined by '{scattering.value}', which only float32 can be"
        if node.input(2).tensor.dtype is not node.input(0).tensor.dtype:
            return "inputs 0 and 2 have different dtypes"
        return _wrong_indices(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_scatter_elements_bytes"


@generic.register("ScatterElements", ImplSpec(inputs=(F32, IOSpec(), F32), outputs=(F32,)))
class ScatterElementsF32(_ScatterElements):
    def reject(self, node: ExportNode) -> str | None:
        if cast(ScatterElements, node.operator).scattering is Scattering.REPLACE:
            return "elements are replaced, not joined"
        return _wrong_indices(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_scatter_elements_f32"
