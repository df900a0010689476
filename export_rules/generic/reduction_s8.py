# SPDX-License-Identifier: Apache-2.0
"""Reductions of int8 and int16 tensors along any dimensions, and sums along one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from export_rules.generic import S8, S16, generic
from export_rules.generic.quantized import affine, requantize_fields
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import CumSum, Reduction
from sconnx.graph.params import Params
from sconnx.reference.comparison import requantize_table
from sconnx.reference.reduction import cumulative_sum, requantize_mean, requantize_sum
from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule

LARGEST_RANK = 3
"""SX_REDUCTION_RANK of sx_reduction.h."""

Axes = list[tuple[int, int]]
"""(size, elements to the next one) of dimensions."""


def reduction_axes(dims: Sequence[int], reduced: Sequence[int]) -> tuple[Axes, Axes]:
    """The dimensions other than 1 that stay, and those that are reduced, neighbours of one kind put together."""
    axes: tuple[Axes, Axes] = ([], [])
    last = None
    for axis, dim in enumerate(dims):
        kind = axis in reduced
        if dim == 1:
            continue
        before = axes[kind].pop()[0] if kind is last else 1
        axes[kind].append((before * dim, math.prod(dims[axis + 1 :])))
        last = kind
    return axes


def reduction_fields(node: ExportNode) -> dict[str, CValue]:
    """The fields of `sx_reduction` of input 0."""
    fields: dict[str, CValue] = {}
    axes = reduction_axes(node.input(0).dims, cast(Reduction, node.operator).axes)
    for name, own in zip(("kept", "reduced"), axes, strict=True):
        for index, (size, step) in enumerate([(1, 0)] * (LARGEST_RANK - len(own)) + own):
            fields |= {f"{name}[{index}]": size, f"{name}_steps[{index}]": step}
    return fields


class _Reduce(Implementation):
    header = "sx_reduce_s8.h"

    def reject(self, node: ExportNode) -> str | None:
        count = max(map(len, reduction_axes(node.input(0).dims, cast(Reduction, node.operator).axes)))
        return f"{count} groups of dimensions, the limit is {LARGEST_RANK}" if count > LARGEST_RANK else None

    def access(self, node: ExportNode) -> Whole:
        return Whole()


def _requantized_sum(node: ExportNode, params: Params) -> tuple[Requantize, int]:
    """What becomes of a sum or mean, and what the zero points of its elements add up to, negated."""
    x, y = affine(params, node.input(0)), affine(params, node.output)
    count = math.prod(node.input(0).dims[axis] for axis in cast(Reduction, node.operator).axes)
    mean = node.type == "ReduceMean"
    requantize = requantize_mean(node.rule, count, x, y) if mean else requantize_sum(node.rule, x, y)
    return requantize, -count * x.zero_point


@generic.register("ReduceSum", ImplSpec(inputs=(S8,), outputs=(S8,)))
@generic.register("ReduceMean", ImplSpec(inputs=(S8,), outputs=(S8,)))
class ReduceSumS8(_Reduce):
    params_type = "sx_reduce_sum_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_reduce_sum_s8_{node.rule.value}"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        requantize, offset = _requantized_sum(node, params)
        return {"over": reduction_fields(node), "requantize": requantize_fields(requantize), "offset": offset}


@generic.register("ReduceSum", ImplSpec(inputs=(S16,), outputs=(S16,)))
@generic.register("ReduceMean", ImplSpec(inputs=(S16,), outputs=(S16,)))
class ReduceSumS16(_Reduce):
    header = "sx_reduce_s16.h"
    params_type = "sx_reduce_sum_s16"

    def reject(self, node: ExportNode) -> str | None:
        return super().reject(node) if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return "sx_reduce_sum_s16_tflite"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        requantize, offset = _requantized_sum(node, params)
        return {
            "over": reduction_fields(node),
            "multiplier": int(requantize.multiplier[0]),
            "shift": int(requantize.shift[0]),
            "offset": offset,
            "zero_point": requantize.zero_point,
        }


@generic.register("ReduceMax", ImplSpec(inputs=(S8,), outputs=(S8,)))
@generic.register("ReduceMin", ImplSpec(inputs=(S8,), outputs=(S8,)))
class ReduceExtremeS8(_Reduce):
    params_type = "sx_reduce_extreme_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_reduce_{node.type.removeprefix('Reduce').lower()}_s8_exact"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        table = requantize_table(node.rule, affine(params, node.input(0)), affine(params, node.output))
        return {"over": reduction_fields(node), "table": Array(np.zeros(0, np.int8) if table is None else table)}


def along(dims: Sequence[int], axis: int) -> dict[str, CValue]:
    """`outer`, `depth` and `inner` of a dimension."""
    return {"outer": math.prod(dims[:axis]), "depth": dims[axis], "inner": math.prod(dims[axis + 1 :])}


@generic.register("CumSum", ImplSpec(inputs=(S8,), outputs=(S8,)))
class CumSumS8(Implementation):
    header = "sx_cumsum_s8.h"
    params_type = "sx_cumsum_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_cumsum_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(CumSum, node.operator)
        sums = cumulative_sum(node.rule, affine(params, node.input(0)), affine(params, node.output))
        return along(node.input(0).dims, operator.axis) | {
            "exclusive": int(operator.exclusive),
            "reverse": int(operator.reverse),
            "first": sums.first,
            "input_zero_point": sums.input_zero_point,
            "multiplier": sums.factor[0],
            "shift": sums.factor[1],
            "zero_point": sums.zero_point,
        }
