# SPDX-License-Identifier: Apache-2.0
"""Elements of any size from and to where indices say, which are known at build time or computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import generic
from export_rules.generic.elements import INDICES, element_bytes, number
from export_rules.generic.walk import LARGEST_RANK, Walk, needs_few_dims, strides
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Gather, GatherElements, GatherND
from sconnx.graph.params import Params


class _Indexed(Implementation):
    """Kernels whose second operand are indices."""

    header = "sx_gather.h"

    def reject(self, node: ExportNode) -> str | None:
        indices = node.input(1).tensor
        if indices.dtype not in INDICES or indices.quantization is not None:
            return f"the indices are {indices.dtype.value}"
        if node.input(0).tensor.dtype is not node.output.tensor.dtype:
            return "input and output have different dtypes"
        return None

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return tuple(range(len(node.inputs)))


@generic.register("Gather", ImplSpec())
class GatherBlocks(_Indexed):
    params_type = "sx_gather_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_gather"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator, x, indices = cast(Gather, node.operator), node.input(0), node.input(1)
        batch, axis = operator.batch_dims, operator.axis
        return {
            "batch": math.prod(x.dims[:batch]),
            "outer": math.prod(x.dims[batch:axis]),
            "dim": x.dims[axis],
            "count": math.prod(indices.dims[batch:]),
            "block_bytes": math.prod(x.dims[axis + 1 :]) * element_bytes(x),
            "dtype": number(indices),
        }


@generic.register("GatherElements", ImplSpec())
class GatherSingle(_Indexed):
    params_type = "sx_gather_elements_params"

    def _walk(self, node: ExportNode) -> Walk:
        x, axis = node.input(0), cast(GatherElements, node.operator).axis
        steps = strides(x.dims, element_bytes(x))
        return Walk(node.input(1).dims, ((*steps[:axis], 0, *steps[axis + 1 :]),)).merged

    def reject(self, node: ExportNode) -> str | None:
        return super().reject(node) or needs_few_dims(self._walk(node))

    def kernel(self, node: ExportNode) -> str:
        return "sx_gather_elements"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        x, axis = node.input(0), cast(GatherElements, node.operator).axis
        return {
            "walk": self._walk(node).fields,
            "dim": x.dims[axis],
            "axis_bytes": strides(x.dims, element_bytes(x))[axis],
            "element_bytes": element_bytes(x),
            "dtype": number(node.input(1)),
        }


class _Tuples(_Indexed):
    """Indices that are tuples, each a place in several dimensions."""

    params_type = "sx_gather_nd_params"

    def reject(self, node: ExportNode) -> str | None:
        depth = node.input(1).dims[-1]
        reason = f"{depth} indices for a place, the limit is {LARGEST_RANK}" if depth > LARGEST_RANK else None
        return super().reject(node) or reason

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        x, indices = node.input(0), node.input(1)
        batch = node.operator.batch_dims if isinstance(node.operator, GatherND) else 0
        depth = indices.dims[-1]
        steps = strides(x.dims, element_bytes(x))
        return {
            "dims": Array(np.array(x.dims[batch : batch + depth], np.int32)),
            "steps": Array(np.array(steps[batch : batch + depth], np.int32)),
            "depth": depth,
            "batch": math.prod(x.dims[:batch]),
            "batch_bytes": math.prod(x.dims[batch:]) * element_bytes(x),
            "count": math.prod(indices.dims[batch:-1]),
            "block_bytes": math.prod(x.dims[batch + depth :]) * element_bytes(x),
            "dtype": number(indices),
        }


@generic.register("GatherND", ImplSpec())
class GatherTuples(_Tuples):
    def kernel(self, node: ExportNode) -> str:
        return "sx_gather_nd"


@generic.register("ScatterND", ImplSpec())
class ScatterTuples(_Tuples):
    def kernel(self, node: ExportNode) -> str:
        return "sx_scatter_nd"
