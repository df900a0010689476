# SPDX-License-Identifier: Apache-2.0
"""Products of int8 and int16 matrices that are computed at run time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np

from export_rules.generic import S8, S16, generic
from export_rules.generic.broadcast import LARGEST_RANK, Axis, axes_fields, broadcast_axes
from export_rules.generic.quantized import affine, requantize_fields
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import MatMul
from sconnx.graph.params import Params
from sconnx.reference.requantize import activation_limits, requantize_fully_connected
from sconnx.reference.rule import Rule


def batch_axes(node: ExportNode) -> list[Axis]:
    """Which matrices meet, in steps of one matrix."""
    return broadcast_axes(node.output.dims[:-2], [node.input(0).dims[:-2], node.input(1).dims[:-2]])


def matrix_fields(node: ExportNode) -> dict[str, CValue]:
    """Sizes of the matrices, and the elements from one to the next along their dimensions."""
    operator = cast(MatMul, node.operator)
    rows, columns = node.output.dims[-2:]
    a_width, b_width = node.input(0).dims[-1], node.input(1).dims[-1]
    return {
        "rows": rows,
        "columns": columns,
        "depth": node.input(0).dims[-2] if operator.transpose_a else a_width,
        "a_row": 1 if operator.transpose_a else a_width,
        "a_step": a_width if operator.transpose_a else 1,
        "b_column": b_width if operator.transpose_b else 1,
        "b_step": 1 if operator.transpose_b else b_width,
    }


@generic.register("MatMul", ImplSpec(inputs=(S8,), outputs=(S8,)))
class MatMulWhole(Implementation):
    header = "sx_matmul_s8.h"
    params_type = "sx_matmul_s8"

    def reject(self, node: ExportNode) -> str | None:
        count = len(batch_axes(node))
        return f"batches in {count} groups of dimensions, the limit is {LARGEST_RANK}" if count > LARGEST_RANK else None

    def kernel(self, node: ExportNode) -> str:
        return f"sx_matmul_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        a, b, y = (affine(params, operand) for operand in (node.input(0), node.input(1), node.output))
        activation = cast(MatMul, node.operator).activation.value
        requantize = requantize_fully_connected(node.rule, a.scale, b.scale, y.scale, y.zero_point, activation)
        matrix_bytes = (math.prod(node.input(0).dims[-2:]), math.prod(node.input(1).dims[-2:]))
        return {
            "requantize": requantize_fields(requantize),
            "batches": axes_fields(batch_axes(node), matrix_bytes),
            **matrix_fields(node),
            "a_zero_point": a.zero_point,
            "b_zero_point": b.zero_point,
        }


@generic.register("MatMul", ImplSpec(inputs=(S16,), outputs=(S16,)))
class MatMulWholeS16(MatMulWhole):
    """By the rule of TFLite; sums have 48 bits."""

    header = "sx_matmul_s16.h"
    params_type = "sx_matmul_s16"

    def reject(self, node: ExportNode) -> str | None:
        if node.rule is not Rule.TFLITE:
            return "only by the rule of TFLite"
        for operand in (node.input(0), node.input(1), node.output):
            if operand.quantization is not None and not operand.quantization.symmetric:
                return f"{operand.tensor.name!r} has a zero point other than 0"
        return super().reject(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_matmul_s16_tflite"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        a, b, y = (affine(params, operand) for operand in (node.input(0), node.input(1), node.output))
        activation = cast(MatMul, node.operator).activation.value
        derived = requantize_fully_connected(node.rule, a.scale, b.scale, y.scale, 0, activation)
        requantize = replace(derived, wide=True)
        minimum, maximum = activation_limits(activation, y.scale, 0, node.rule, np.int16)
        matrix_bytes = (2 * math.prod(node.input(0).dims[-2:]), 2 * math.prod(node.input(1).dims[-2:]))
        return {
            "requantize": {
                "multiplier": Array(requantize.multiplier),
                "shift": Array(requantize.shift),
                "bias": Array(np.zeros(0, np.int32)),
                "wide_bias": Array(np.zeros(0, np.int64)),
                "step": 0,
                "wide": 1,
                "minimum": minimum,
                "maximum": maximum,
            },
            "batches": axes_fields(batch_axes(node), matrix_bytes),
            **matrix_fields(node),
        }
