# SPDX-License-Identifier: Apache-2.0
"""Element-wise functions of one plain tensor: float32 by own functions, integers a few at a time; images one row a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from export_rules.generic import generic
from export_rules.generic.elements import BOOL, F32, PLAIN, modular_number, needs_integers
from export_rules.generic.rows import element_by_element, elements_a_call, has_rows
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Elementwise, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph import operator as operators
from sconnx.graph.operator import Clip, Gelu, Operator, Unary
from sconnx.graph.params import Params

ATTRIBUTES: dict[type[Operator], Callable[[Any], tuple[float, float]]] = {
    operators.LeakyRelu: lambda op: (op.alpha, 0.0),
    operators.ThresholdedRelu: lambda op: (op.alpha, 0.0),
    operators.Elu: lambda op: (op.alpha, 0.0),
    operators.Selu: lambda op: (op.alpha, op.gamma),
    operators.Celu: lambda op: (op.alpha, 0.0),
    operators.HardSigmoid: lambda op: (op.alpha, op.beta),
    operators.Swish: lambda op: (op.alpha, 0.0),
    operators.Shrink: lambda op: (op.threshold, op.bias),
    operators.IsInf: lambda op: (float(op.positive), float(op.negative)),
    operators.Clip: lambda op: clip_limits(op, float("-inf"), float("inf")),
}
"""`alpha` and `beta` of sx_unary_f32.h."""

TESTS = (operators.IsNaN, operators.IsInf)
LOGICAL = (operators.Not, operators.BitwiseNot)
OF_INTEGERS = tuple(getattr(operators, name) for name in "Relu Clip Square Abs Neg Sign BitwiseNot".split())
OF_FLOATS = tuple(
    kind
    for kind in (getattr(operators, name) for name in operators.__all__)
    if isinstance(kind, type) and issubclass(kind, Unary) and kind is not Unary and kind not in LOGICAL + TESTS
)


def clip_limits(operator: Clip, least: float, largest: float) -> tuple[float, float]:
    """The limits of a Clip, those of the dtype where it has none."""
    low = least if operator.low is None else max(operator.low, least)
    high = largest if operator.high is None else min(operator.high, largest)
    return low, high


def c_name(kind: str) -> str:
    """`HardSwish` as kernels are called: `hard_swish`; NaN is a word."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.replace("NaN", "Nan")).lower()


class UnaryF32(Implementation):
    header = "sx_unary_f32.h"
    params_type = "sx_unary_f32_params"
    source = "sx_unary_f32"

    def kernel(self, node: ExportNode) -> str:
        is_approximate = isinstance(node.operator, Gelu) and node.operator.approximate
        return f"sx_{c_name(node.type)}{'_tanh' if is_approximate else ''}_f32"

    def access(self, node: ExportNode) -> Window | Elementwise | Whole:
        return element_by_element(node)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        attributes = ATTRIBUTES.get(type(node.operator), lambda _: (0.0, 0.0))
        alpha, beta = attributes(node.operator)
        return {"size": elements_a_call(node), "alpha": float(alpha), "beta": float(beta)}


class TestF32(UnaryF32):
    """From float32 to bool: other sizes, so that no element may lie over another one."""

    def access(self, node: ExportNode) -> Window | Whole:
        return Window(1, 1, 1, 0) if has_rows(node.input(0)) else Whole()


class UnaryInteger(Implementation):
    header = "sx_unary_integer.h"
    params_type = "sx_unary_integer_params"
    source = "sx_unary_integer"

    def reject(self, node: ExportNode) -> str | None:
        if isinstance(node.operator, operators.Not):
            return None
        modular = operators.Square | operators.Neg | operators.BitwiseNot
        return needs_integers(node, also_uint64=isinstance(node.operator, modular))

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{c_name(node.type)}_integer"

    def access(self, node: ExportNode) -> Elementwise:
        return Elementwise()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        low, high = clip_limits(node.operator, -(2**63), 2**63 - 1) if isinstance(node.operator, Clip) else (0, 0)
        return {"size": node.output.size, "dtype": modular_number(node.input(0)), "low": int(low), "high": int(high)}


for kind in OF_FLOATS:
    generic.register(kind.__name__, ImplSpec((F32,), (F32,)))(UnaryF32)
for kind in TESTS:
    generic.register(kind.__name__, ImplSpec((F32,), (BOOL,)))(TestF32)
for kind in OF_INTEGERS:
    generic.register(kind.__name__, ImplSpec((PLAIN,), (PLAIN,)))(UnaryInteger)
generic.register("Not", ImplSpec((BOOL,), (BOOL,)))(UnaryInteger)
