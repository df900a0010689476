# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of two tensors whose dims broadcast; with a constant of one element, a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import BOOL, S8, S16, generic
from export_rules.generic.broadcast import broadcast_fields, needs_few_axes
from export_rules.generic.elementwise import factor_fields, fixed_fields
from export_rules.generic.fixed_sum import fixed_sum
from export_rules.generic.quantized import affine
from export_rules.generic.rows import element_by_element, elements_a_call
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Elementwise, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import Activation
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.binary import FLOAT_OPERATIONS, binary
from sconnx.reference.comparison import EXTREMES, RELATIONS, Comparison, Extreme, extreme
from sconnx.reference.lookup import CODES
from sconnx.reference.pairs import PAIRS, pair_of
from sconnx.reference.rule import Rule

CONSTANT_S8 = IOSpec(DType.INT8, constant=True)
ANY_S8 = ImplSpec(inputs=(S8,), outputs=(S8,))
"""One fact less than two inputs have, so that rules for equal dims are tried first."""

KERNELS = {
    "Add": "add_broadcast",
    "Sub": "sub_broadcast",
    "Mul": "mul_broadcast",
    "SquaredDifference": "squared_difference",
}
"""What is not the operator's name in lower case."""


class _Broadcast(Implementation):
    def reject(self, node: ExportNode) -> str | None:
        return needs_few_axes(node)

    def access(self, node: ExportNode) -> Elementwise | Whole:
        same = node.input(0).dims == node.input(1).dims == node.output.dims
        return Elementwise() if same else Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1)


class Pairs(_Broadcast):
    """Arithmetic."""

    header = "sx_pairs_s8.h"
    params_type = "sx_pairs_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{KERNELS.get(node.type, node.type.lower())}_s8_{node.rule.value}"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        quantizations = [affine(params, operand) for operand in (node.input(0), node.input(1), node.output)]
        activation = getattr(node.operator, "activation", Activation.NONE).value
        values = binary(node.type, node.rule, *quantizations, activation)
        sign = {"Add": 1, "Sub": -1}.get(node.type)
        fixed = None if sign is None else fixed_sum(values, *quantizations, sign=sign)
        scales = factor_fields(values, quantizations) | {"size": 0}
        return {
            "over": broadcast_fields(node),
            "scales": scales | fixed_fields(None if fixed is None or fixed.table is not None else fixed),
        }


class ShortPairs(Pairs):
    """The same of int16, by the rule of TFLite."""

    header = "sx_pairs_s16.h"

    def reject(self, node: ExportNode) -> str | None:
        return super().reject(node) if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{KERNELS.get(node.type, node.type.lower()).removesuffix('_broadcast')}_s16_tflite"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        quantizations = [affine(params, operand) for operand in (node.input(0), node.input(1), node.output)]
        activation = getattr(node.operator, "activation", Activation.NONE).value
        values = binary(node.type, node.rule, *quantizations, activation, np.int16)
        scales = factor_fields(values, quantizations) | {"size": 0} | fixed_fields(None)
        return {"over": broadcast_fields(node, 2), "scales": scales}


class Compare(_Broadcast):
    header = "sx_compare_s8.h"
    params_type = "sx_compare_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_compare_s8_exact"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        found = pair_of(node.operator, node.rule, affine(params, node.input(0)), affine(params, node.input(1)), None)
        compared = cast(Comparison, found)
        low = compared.low if np.any(compared.low != -128) else np.zeros(0, np.int16)
        return {
            "over": broadcast_fields(node),
            "low": Array(low),
            "high": Array(compared.high),
            "inverted": int(compared.inverted),
        }


class ExtremeOfTwo(_Broadcast):
    header = "sx_extreme_s8.h"
    params_type = "sx_extreme_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{node.type.lower()}_s8_exact"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operands = (node.input(0), node.input(1), node.output)
        found = cast(Extreme, pair_of(node.operator, node.rule, *(affine(params, operand) for operand in operands)))
        none = np.zeros(0, np.int8)
        return {
            "over": broadcast_fields(node),
            "a_table": Array(none if found.left is None else found.left),
            "b_table": Array(none if found.right is None else found.right),
        }


class ShortExtremeOfTwo(_Broadcast):
    """Of int16 quantised alike, which the rule of TFLite promises."""

    header = "sx_extreme_s16.h"
    params_type = "sx_extreme_s16"

    def reject(self, node: ExportNode) -> str | None:
        return super().reject(node) if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{node.type.lower()}_s16_exact"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        extreme(node.type, node.rule, *(affine(params, x) for x in (node.input(0), node.input(1), node.output)))
        return {"over": broadcast_fields(node, 2)}


class PairByTable(Implementation):
    """One operand is a constant of one element, so that the other one decides."""

    header = "sx_lookup_s8.h"
    params_type = "sx_lookup_s8"

    def reject(self, node: ExportNode) -> str | None:
        constant, other = self._sides(node)
        if node.input(constant).size != 1:
            return f"input {constant} has {node.input(constant).size} elements, not one"
        return None if node.input(other).dims == node.output.dims else "the output has more dims than the other input"

    def kernel(self, node: ExportNode) -> str:
        return "sx_lookup_s8_exact"

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node, self.operands(node))

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (self._sides(node)[1],)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        constant, other = self._sides(node)
        value = params.value[node.input(constant).values].reshape(1)
        sides = (CODES, value) if other == 0 else (value, CODES)
        output = None if node.type in RELATIONS else affine(params, node.output)
        inputs = (affine(params, node.input(0)), affine(params, node.input(1)))
        table = pair_of(node.operator, node.rule, *inputs, output)(*sides)
        return {"table": Array(table.astype(np.int8)), "size": elements_a_call(node, self.operands(node))}

    def _sides(self, node: ExportNode) -> tuple[int, int]:
        """Position of the constant, and of the other operand."""
        return (1, 0) if node.input(1).is_constant else (0, 1)


for name in PAIRS:
    result = BOOL if name in RELATIONS else S8
    generic.register(name, ImplSpec(inputs=(S8, CONSTANT_S8), outputs=(result,)))(PairByTable)
    generic.register(name, ImplSpec(inputs=(CONSTANT_S8, S8), outputs=(result,)))(PairByTable)
for name in FLOAT_OPERATIONS:
    generic.register(name, ANY_S8)(Pairs)
for name in ("Add", "Sub", "Mul", "SquaredDifference"):
    generic.register(name, ImplSpec(inputs=(S16,), outputs=(S16,)))(ShortPairs)
for name in EXTREMES:
    generic.register(name, ANY_S8)(ExtremeOfTwo)
    generic.register(name, ImplSpec(inputs=(S16,), outputs=(S16,)))(ShortExtremeOfTwo)
for name in RELATIONS:
    generic.register(name, ImplSpec(inputs=(S8,), outputs=(BOOL,)))(Compare)
