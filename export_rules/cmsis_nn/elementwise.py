# SPDX-License-Identifier: Apache-2.0
"""Add by `arm_elementwise_add_s8`. It reads four elements of both inputs before it writes four: it may run in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from export_rules.cmsis_nn import S8, cmsis_nn, rounds_otherwise
from export_rules.cmsis_nn.structures import activation
from export_rules.generic.quantized import needs_same_dims, scale, zero_point
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Elementwise
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Add
from sconnx.graph.params import Params
from sconnx.reference.binary import LEFT_SHIFT, Affine, FixedPointSum, binary


@cmsis_nn.register("Add", ImplSpec(inputs=(S8, S8), outputs=(S8,)))
class AddElementwise(Implementation):
    header = "sx_cmsis_add_s8.h"
    params_type = "sx_cmsis_add_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        return rounds_otherwise(node) or needs_same_dims(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_add_s8"

    def access(self, node: ExportNode) -> Elementwise:
        return Elementwise()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        left, right, output = (
            Affine(scale(params, operand), zero_point(params, operand))
            for operand in (node.input(0), node.input(1), node.output)
        )
        fused = cast(Add, node.operator).activation.value
        add = cast(FixedPointSum, binary("Add", node.rule, left, right, output, fused))
        return {
            "a": _operand(-left.zero_point, add.left),
            "b": _operand(-right.zero_point, add.right),
            "output": _operand(output.zero_point, add.output),
            "left_shift": LEFT_SHIFT,
            "activation": activation(add.minimum, add.maximum),
            "size": node.output.size,
        }


def _operand(offset: int, factor: tuple[int, int]) -> Mapping[str, CValue]:
    return {"offset": offset, "multiplier": factor[0], "shift": factor[1]}
