# SPDX-License-Identifier: Apache-2.0
"""Products of matrices of float32, the whole tensor a call; one with a constant matrix as a 1x1 convolution of its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import F32, generic
from export_rules.generic.broadcast import LARGEST_RANK, Axis, broadcast_axes
from export_rules.generic.float32 import constant, in_blocks_of_four, limits_fields, optional
from export_rules.generic.quantized import needs_constant_weights
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Access, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Activation, FullyConnected, MatMul
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant


def pointwise_fields(
    rows: int, weights: NDArray[np.float32], bias: NDArray[np.float32] | None, activation: Activation
) -> dict[str, CValue]:
    """The fields of `sx_conv2d_f32_params` when each row is a pixel; weights are [columns, inner]."""
    ones = dict.fromkeys(("kernel_height", "kernel_width", "stride_width", "dilation_width", "groups"), 1)
    return {
        "weights": Array(in_blocks_of_four(weights)),
        "bias": optional(bias),
        "limits": limits_fields(activation),
        **ones,
        "in_width": rows,
        "in_channels": weights.shape[1],
        "out_width": rows,
        "out_channels": weights.shape[0],
        "pad_left": 0,
    }


class _Pointwise(Implementation):
    header = "sx_conv2d_f32.h"
    params_type = "sx_conv2d_f32_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_conv2d_f32"

    def access(self, node: ExportNode) -> Access:
        return Whole()


@generic.register("FullyConnected", ImplSpec(inputs=(F32, F32), outputs=(F32,)))
class FullyConnectedF32(_Pointwise):
    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        weights = constant(node, params, 1)
        assert weights is not None
        rows = math.prod(node.input(0).dims[:-1])
        activation = cast(FullyConnected, node.operator).activation
        return pointwise_fields(rows, weights, constant(node, params, 2), activation)


@generic.register("MatMul", ImplSpec(inputs=(F32, F32), outputs=(F32,)))
class MatMulWithConstantF32(_Pointwise):
    def reject(self, node: ExportNode) -> str | None:
        if not isinstance(node.input(1).tensor, Constant):
            return "input 1 is computed at run time, not a constant"
        if math.prod(node.input(1).dims[:-2]) != 1:
            return "input 1 is several matrices"
        return "input 0 is transposed" if node.attribute("transpose_a") else None

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(MatMul, node.operator)
        matrix = constant(node, params, 1)
        assert matrix is not None
        stored = matrix.reshape(matrix.shape[-2:])
        weights = stored if operator.transpose_b else np.ascontiguousarray(stored.T)
        return pointwise_fields(math.prod(node.input(0).dims[:-1]), weights, None, operator.activation)


class _AtRunTime(Implementation):
    header = "sx_matmul_f32.h"
    params_type = "sx_matmul_f32_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_matmul_f32"

    def access(self, node: ExportNode) -> Access:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1)


def _batch_axes(node: ExportNode) -> list[Axis]:
    return broadcast_axes(node.output.dims[:-2], [node.input(position).dims[:-2] for position in (0, 1)])


def _batch_fields(axes: Sequence[Axis], matrix_bytes: tuple[int, int]) -> dict[str, CValue]:
    """The fields of `sx_broadcast` over matrices; its innermost dimension is not used."""
    padded = [(1, (0, 0))] * (LARGEST_RANK - 1 - len(axes)) + [*axes, (1, (0, 0))]
    fields: dict[str, CValue] = {}
    for index, (dim, steps) in enumerate(padded):
        a_step, b_step = (step * size for step, size in zip(steps, matrix_bytes, strict=True))
        fields |= {f"dims[{index}]": dim, f"a_steps[{index}]": a_step, f"b_steps[{index}]": b_step}
    return fields


@generic.register("MatMul", ImplSpec(inputs=(F32,), outputs=(F32,)))
class MatMulF32(_AtRunTime):
    def reject(self, node: ExportNode) -> str | None:
        count, most = len(_batch_axes(node)), LARGEST_RANK - 1
        return f"the inputs broadcast in {count} groups of dimensions, the limit is {most}" if count > most else None

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(MatMul, node.operator)
        rows, columns = node.output.dims[-2:]
        inner = node.input(0).dims[-2 if operator.transpose_a else -1]
        a_steps = (1, rows) if operator.transpose_a else (inner, 1)
        b_steps = (1, inner) if operator.transpose_b else (columns, 1)
        return {
            "bias": optional(None),
            "limits": limits_fields(operator.activation),
            "batches": _batch_fields(_batch_axes(node), (4 * rows * inner, 4 * inner * columns)),
            "rows": rows,
            "inner": inner,
            "columns": columns,
            "a_row_step": a_steps[0],
            "a_inner_step": a_steps[1],
            "b_inner_step": b_steps[0],
            "b_column_step": b_steps[1],
        }


@generic.register("FullyConnected", ImplSpec(inputs=(F32,), outputs=(F32,)))
class FullyConnectedAtRunTimeF32(_AtRunTime):
    """The weights are computed, or an input."""

    def reject(self, node: ExportNode) -> str | None:
        bias = node.inputs[2] if len(node.inputs) > 2 else None
        is_constant = bias is None or isinstance(bias.tensor, Constant)
        return None if is_constant else "input 2 is computed at run time, not a constant"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        columns, inner = node.input(1).dims
        return {
            "bias": optional(constant(node, params, 2)),
            "limits": limits_fields(cast(FullyConnected, node.operator).activation),
            "batches": _batch_fields([], (0, 0)),
            "rows": math.prod(node.input(0).dims[:-1]),
            "inner": inner,
            "columns": columns,
            "a_row_step": inner,
            "a_inner_step": 1,
            "b_inner_step": 1,
            "b_column_step": inner,
        }
