# SPDX-License-Identifier: Apache-2.0
"""Conversion between plain dtypes; to the same dtype there is no code at all."""

from __future__ import annotations

from collections.abc import Mapping

from export_rules.generic import generic
from export_rules.generic.elements import INTEGERS, number, plain
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Alias, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant, DType

CONVERTED = (*INTEGERS, DType.BOOL, DType.FLOAT32)


class CastSame(Implementation):
    def reject(self, node: ExportNode) -> str | None:
        return "input 0 is a constant" if isinstance(node.input(0).tensor, Constant) else None

    def access(self, node: ExportNode) -> Alias:
        return Alias()


class CastInteger(Implementation):
    header = "sx_cast.h"
    params_type = "sx_cast_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_cast_integer"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"from": number(node.input(0)), "to": number(node.output), "size": node.output.size}


class CastF32(CastInteger):
    source = "sx_cast_f32"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_cast_{'to' if node.output.tensor.dtype is DType.FLOAT32 else 'from'}_f32"


def _rule(source: DType, target: DType) -> type[Implementation]:
    if source is target:
        return CastSame
    return CastF32 if DType.FLOAT32 in (source, target) else CastInteger


for source in CONVERTED:
    for target in CONVERTED:
        generic.register("Cast", ImplSpec((plain(source),), (plain(target),)))(_rule(source, target))
