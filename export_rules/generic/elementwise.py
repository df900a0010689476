# SPDX-License-Identifier: Apache-2.0
"""Add, Sub and Mul, and the unary operators that are a table of 256 values; images one row a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from export_rules.generic import S8, U8, generic
from export_rules.generic.fixed_sum import FixedSum, fixed_sum
from export_rules.generic.quantized import affine, float_bits, needs_same_dims, scale, zero_point
from export_rules.generic.rows import element_by_element, elements_a_call
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Elementwise, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode, Operand
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Add, Mul, Sub
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.binary import Affine, FixedPointBinary, FloatBinary, binary
from sconnx.reference.lookup import table_of, tabulated

BINARY = ImplSpec(inputs=(S8, S8), outputs=(S8,))
UNARY = ImplSpec(inputs=(S8,), outputs=(S8,))


def factor_fields(values: FixedPointBinary | FloatBinary, quantizations: Sequence[Affine]) -> dict[str, CValue]:
    """The fields of `sx_add_s8` that are multipliers, shifts, zero points and limits.

    Args:
        quantizations: of a, b and the output.
    """
    if isinstance(values, FloatBinary):
        scales = (values.left_scale, values.right_scale, values.output_scale)
        factors = [(float_bits(scale), 0) for scale in scales]
    else:
        factors = [getattr(values, side, (0, 0)) for side in ("left", "right", "output")]
    fields: dict[str, CValue] = {}
    for name, (multiplier, shift), operand in zip(("a", "b", "out"), factors, quantizations, strict=True):
        fields |= {
            f"{name}_multiplier": multiplier,
            f"{name}_shift": shift,
            f"{name}_zero_point": operand.zero_point,
        }
    return fields | {"minimum": values.minimum, "maximum": values.maximum}


def fixed_fields(fixed: FixedSum | None) -> dict[str, CValue]:
    """The fields of `sx_add_s8` for the fixed-point form, if there is one."""
    found = fixed or FixedSum(0, 0)
    return {
        "table": Array(np.zeros(0, np.int32) if found.table is None else found.table),
        "is_fixed": int(fixed is not None),
        "first": found.first,
        "offset": found.offset,
        "x_weight": found.x_weight,
        "y_weight": found.y_weight,
    }


class _Binary(Implementation):
    """Add, Sub and Mul of tensors of the same dims: their kernels have the same parameters."""

    def reject(self, node: ExportNode) -> str | None:
        return needs_same_dims(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{node.type.lower()}_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node)

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        quantizations = [affine(params, operand) for operand in (node.input(0), node.input(1), node.output)]
        activation = cast(Add | Sub | Mul, node.operator).activation.value
        values = binary(node.type, node.rule, *quantizations, activation)
        sign = -1 if node.type == "Sub" else 1
        fixed = None if node.type == "Mul" else fixed_sum(values, *quantizations, sign=sign)
        return factor_fields(values, quantizations) | {"size": elements_a_call(node)} | fixed_fields(fixed)


@generic.register("Add", BINARY)
class AddElementwise(_Binary):
    header = "sx_add_s8.h"
    params_type = "sx_add_s8"


@generic.register("Sub", BINARY)
class SubElementwise(_Binary):
    header = "sx_sub_s8.h"
    params_type = "sx_sub_s8"


@generic.register("Mul", BINARY)
class MulElementwise(_Binary):
    header = "sx_mul_s8.h"
    params_type = "sx_mul_s8"


class Lookup(Implementation):
    """A table of int8. Elements and zero points of uint8 are 128 larger, so its table is in another order, of other bytes."""

    header = "sx_lookup_s8.h"
    params_type = "sx_lookup_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_lookup_s8_exact"

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        table = table_of(
            node.operator,
            node.rule,
            input_scale=scale(params, node.input(0)),
            input_zero_point=zero_point(params, node.input(0)) - _more(node.input(0)),
            output_scale=scale(params, node.output),
            output_zero_point=zero_point(params, node.output) - _more(node.output),
        )
        # The kernel takes the bytes of uint8 for int8, so that 128 to 255 come first.
        table = np.roll(table, _more(node.input(0)))
        table = (table.view(np.uint8) ^ np.uint8(_more(node.output))).view(np.int8)
        return {"table": Array(table), "size": elements_a_call(node)}


def _more(operand: Operand) -> int:
    """How much larger elements and zero point are than those of int8."""
    return 128 if operand.tensor.dtype is DType.UINT8 else 0


for operator in tabulated():
    generic.register(operator.__name__, UNARY)(Lookup)
for _source, _target in ((U8, S8), (S8, U8), (U8, U8)):
    generic.register("Requantize", ImplSpec(inputs=(_source,), outputs=(_target,)))(Lookup)
