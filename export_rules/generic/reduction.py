# SPDX-License-Identifier: Apache-2.0
"""Reductions of plain tensors along any dimensions, and functions along one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from export_rules.generic import generic
from export_rules.generic.elements import (
    F32,
    INTEGERS,
    PLAIN,
    element_bytes,
    modular_number,
    needs_integers,
    number,
)
from export_rules.generic.plain_unary import c_name
from export_rules.generic.walk import Walk, around, needs_few_dims, strides
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import ArgMin, ArgReduction, CumSum, Reduction, TopK
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

OF_INTEGERS = "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceSumSquare".split()
OF_FLOATS = (*OF_INTEGERS, "ReduceL2", "ReduceLogSum", "ReduceLogSumExp")
ORDERED = ("ReduceMax", "ReduceMin")
MODULAR = ("ReduceSum", "ReduceProd", "ReduceSumSquare")
"""What of uint64 depends on the order alone, and what does not depend on the sign of an int64."""
COUNTERS = (DType.INT32, DType.INT64)
"""What indices are counted in."""


class ReduceF32(Implementation):
    header = "sx_reduce_f32.h"
    params_type = "sx_reduce_f32_params"
    source = "sx_reduce_f32"

    def _walks(self, node: ExportNode) -> tuple[Walk, Walk]:
        """Over the dimensions that are kept, and over those that are reduced; steps of the input."""
        x, axes = node.input(0), cast(Reduction, node.operator).axes
        steps = strides(x.dims, 1 if x.tensor.dtype is DType.FLOAT32 else element_bytes(x))

        def over(wanted: list[int]) -> Walk:
            return Walk(tuple(x.dims[axis] for axis in wanted), (tuple(steps[axis] for axis in wanted),)).merged

        kept = [axis for axis in range(len(x.dims)) if axis not in axes]
        return over(kept), over(list(axes))

    def reject(self, node: ExportNode) -> str | None:
        kept, reduced = self._walks(node)
        return needs_few_dims(kept) or needs_few_dims(reduced)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{c_name(node.type)}_f32"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        kept, reduced = self._walks(node)
        return {"kept": kept.fields, "reduced": reduced.fields, "count": math.prod(reduced.dims)}


class ReduceInteger(ReduceF32):
    header = "sx_reduce_integer.h"
    params_type = "sx_reduce_integer_params"
    source = "sx_reduce_integer"

    def reject(self, node: ExportNode) -> str | None:
        return needs_integers(node, also_uint64=node.type in ORDERED + MODULAR) or super().reject(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{c_name(node.type)}_integer"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        as_number = modular_number if node.type in MODULAR else number
        return {**super().pack(node, params), "dtype": as_number(node.input(0))}


class _Along(Implementation):
    """Kernels that go along one dimension."""

    header = "sx_along.h"
    params_type = "sx_along_params"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(ArgReduction | CumSum | TopK, node.operator)
        outer, dim, inner = around(node.input(0).dims, operator.axis)
        along: dict[str, CValue] = {"outer": outer, "dim": dim, "inner": inner}
        is_least = isinstance(operator, ArgMin) or (isinstance(operator, TopK) and not operator.largest)
        as_number = modular_number if isinstance(operator, CumSum) else number
        return along | {
            "dtype": as_number(node.input(0)),
            "k": operator.k if isinstance(operator, TopK) else 1,
            "is_least": int(is_least),
            "is_last": int(isinstance(operator, ArgReduction) and operator.last),
            "index_dtype": number(node.outputs[-1]),
            "is_exclusive": int(isinstance(operator, CumSum) and operator.exclusive),
            "is_reverse": int(isinstance(operator, CumSum) and operator.reverse),
        }


class ArgAlong(_Along):
    """Quantised elements, too: their order is that of the real numbers."""

    def reject(self, node: ExportNode) -> str | None:
        x, indices = node.input(0).tensor.dtype, node.output.tensor.dtype
        if x not in (*INTEGERS, DType.FLOAT32) or indices not in COUNTERS:
            return f"its operands are {x.value} and {indices.value}"
        return None

    def kernel(self, node: ExportNode) -> str:
        return "sx_arg"


class TopKAlong(_Along):
    """Quantised elements, too: their order is that of the real numbers."""

    def reject(self, node: ExportNode) -> str | None:
        x, values, indices = (operand.tensor for operand in (node.input(0), *node.outputs))
        if x.dtype not in (*INTEGERS, DType.FLOAT32) or values.dtype is not x.dtype or indices.dtype not in COUNTERS:
            return f"its operands are {x.dtype.value}, {values.dtype.value} and {indices.dtype.value}"
        return None

    def kernel(self, node: ExportNode) -> str:
        return "sx_top_k"


class CumulativeSum(_Along):
    def reject(self, node: ExportNode) -> str | None:
        return None if node.input(0).tensor.dtype is DType.FLOAT32 else needs_integers(node, also_uint64=True)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_cumulative_sum_{'f32' if node.input(0).tensor.dtype is DType.FLOAT32 else 'integer'}"


for name in OF_FLOATS:
    generic.register(name, ImplSpec((F32,), (F32,)))(ReduceF32)
for name in OF_INTEGERS:
    generic.register(name, ImplSpec((PLAIN,), (PLAIN,)))(ReduceInteger)
generic.register("CumSum", ImplSpec((F32,), (F32,)))(CumulativeSum)
generic.register("CumSum", ImplSpec((PLAIN,), (PLAIN,)))(CumulativeSum)
generic.register("ArgMax", ImplSpec())(ArgAlong)
generic.register("ArgMin", ImplSpec())(ArgAlong)
generic.register("TopK", ImplSpec())(TopKAlong)
