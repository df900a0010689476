# SPDX-License-Identifier: Apache-2.0
"""Element-wise functions of two and three plain tensors, whose dims broadcast."""

from __future__ import annotations

from collections.abc import Mapping

from export_rules.generic import generic
from export_rules.generic.elements import BOOL, F32, PLAIN, element_bytes, modular_number, needs_integers, number
from export_rules.generic.float32 import limits_fields
from export_rules.generic.plain_unary import c_name
from export_rules.generic.rows import element_by_element, has_rows
from export_rules.generic.walk import Walk, broadcast_walk, needs_few_dims
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Elementwise, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode, Operand
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import Activation, Add, Dims, Div, Mod, Mul, Sub
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant, DType
from sconnx.reference.plain.activation import LIMITS

ARITHMETIC = "Add Sub Mul Div Pow Minimum Maximum Mod FloorDiv SquaredDifference PRelu".split()
COMPARISONS = "Equal NotEqual Greater GreaterEqual Less LessEqual".split()
BITWISE = "BitwiseAnd BitwiseOr BitwiseXor ShiftLeft ShiftRight".split()
LOGICAL = "And Or Xor".split()
MODULAR = ("Add", "Sub", "Mul", "SquaredDifference", "Equal", "NotEqual", "ShiftLeft", *BITWISE[:3], *LOGICAL)
"""What of uint64 does not depend on the sign of an int64; the following depends on the order alone."""
ORDERED = ("Minimum", "Maximum", *COMPARISONS)
OF_UINT64 = {"Div": "div", "FloorDiv": "div", "Mod": "mod", "ShiftRight": "shift_right"}
"""What has kernels of its own for uint64."""


def _activation(node: ExportNode) -> Activation:
    return node.operator.activation if isinstance(node.operator, Add | Sub | Mul | Div) else Activation.NONE


def _name(node: ExportNode) -> str:
    """Of the function, without its dtype."""
    if isinstance(node.operator, Mod) and node.operator.truncated:
        return "mod_truncated"
    name = c_name(node.type.removeprefix("Bitwise"))
    return name if _activation(node) is Activation.NONE else f"{name}_clamp"


def _operand_dims(node: ExportNode) -> list[Dims]:
    return [node.input(position).dims for position in range(len(node.inputs))]


class _Broadcast(Implementation):
    """Kernels that walk over the output."""

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return tuple(range(len(node.inputs)))

    def walk(self, node: ExportNode) -> Walk:
        raise NotImplementedError

    def reject(self, node: ExportNode) -> str | None:
        return needs_few_dims(self.walk(node))

    def access(self, node: ExportNode) -> Window | Elementwise | Whole:
        """Element by element where all that is computed at run time has the output's dims and size of elements."""
        computed = [operand for operand in node.inputs if operand and not isinstance(operand.tensor, Constant)]
        same = all(
            operand.dims == node.output.dims and element_bytes(operand) == element_bytes(node.output)
            for operand in computed
        )
        return Elementwise() if same else Whole()


class BinaryF32(_Broadcast):
    """Images of equal dims go one row a call."""

    header = "sx_binary_f32.h"
    params_type = "sx_binary_f32_params"
    source = "sx_binary_f32"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{_name(node)}_f32"

    def _by_rows(self, node: ExportNode) -> bool:
        operands = [operand for operand in (*node.inputs, node.output) if operand]
        return all(operand.dims == node.output.dims and has_rows(operand) for operand in operands)

    def access(self, node: ExportNode) -> Window | Elementwise | Whole:
        return element_by_element(node) if self._by_rows(node) else super().access(node)

    def walk(self, node: ExportNode) -> Walk:
        if self._by_rows(node):
            row = (node.output.width * node.output.channels,)
            return broadcast_walk(row, (row, row), (1, 1))
        return broadcast_walk(node.output.dims, _operand_dims(node), (1, 1))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"walk": self.walk(node).fields, "limits": limits_fields(_activation(node))}


class BinaryInteger(_Broadcast):
    header = "sx_binary_integer.h"
    params_type = "sx_binary_integer_params"
    source = "sx_binary_integer"

    def reject(self, node: ExportNode) -> str | None:
        is_logical = all(operand.tensor.dtype is DType.BOOL for operand in node.inputs if operand)
        if is_logical and node.type in (*LOGICAL, "Equal", "NotEqual"):
            return super().reject(node)
        also_uint64 = node.type in (*MODULAR, *ORDERED, *OF_UINT64) and _activation(node) is Activation.NONE
        return needs_integers(node, also_uint64=also_uint64) or super().reject(node)

    def _number(self, node: ExportNode, operand: Operand) -> int:
        return modular_number(operand) if node.type in (*MODULAR, *OF_UINT64) else number(operand)

    def kernel(self, node: ExportNode) -> str:
        if node.input(0).tensor.dtype is DType.UINT64 and node.type in OF_UINT64:
            return f"sx_{OF_UINT64[node.type]}_uint64"
        return f"sx_{_name(node)}_integer"

    def walk(self, node: ExportNode) -> Walk:
        bytes_ = element_bytes(node.input(0))
        return broadcast_walk(node.output.dims, _operand_dims(node), (bytes_, bytes_))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        low, high = LIMITS[_activation(node)]
        return {
            "walk": self.walk(node).fields,
            "dtype": self._number(node, node.input(0)),
            "out_dtype": self._number(node, node.output),
            "minimum": int(max(low, -(2**31))),
            "maximum": int(min(high, 2**31 - 1)),
        }


@generic.register("Where", ImplSpec((BOOL, IOSpec(), IOSpec())))
class WhereAnyElement(_Broadcast):
    header = "sx_move.h"
    params_type = "sx_where_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_where"

    def reject(self, node: ExportNode) -> str | None:
        a, b = node.input(1).tensor, node.input(2).tensor
        if not a.dtype is b.dtype is node.output.tensor.dtype:
            return "a, b and the output have different dtypes"
        return super().reject(node)

    def walk(self, node: ExportNode) -> Walk:
        bytes_ = element_bytes(node.output)
        return broadcast_walk(node.output.dims, _operand_dims(node), (1, bytes_, bytes_))

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"walk": self.walk(node).fields, "element_bytes": element_bytes(node.output)}


for name in (*ARITHMETIC, "Atan2"):
    generic.register(name, ImplSpec((F32, F32), (F32,)))(BinaryF32)
for name in COMPARISONS:
    generic.register(name, ImplSpec((F32, F32), (BOOL,)))(BinaryF32)
for name in (*ARITHMETIC, *BITWISE):
    generic.register(name, ImplSpec((PLAIN, PLAIN), (PLAIN,)))(BinaryInteger)
for name in COMPARISONS:
    generic.register(name, ImplSpec((PLAIN, PLAIN), (BOOL,)))(BinaryInteger)
for name in (*LOGICAL, "Equal", "NotEqual"):
    generic.register(name, ImplSpec((BOOL, BOOL), (BOOL,)))(BinaryInteger)
