# SPDX-License-Identifier: Apache-2.0
"""Conversion between plain dtypes; to the same dtype there is no code at all."""

from __future__ import annotations

from collections.abc import Mapping

from export_rules.generic import generic
from export_rules.generic.elements import F32, PLAIN, modular_number, number
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Alias, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import Constant, DType


def _dtypes(node: ExportNode) -> tuple[DType, DType]:
    return node.input(0).tensor.dtype, node.output.tensor.dtype


@generic.register("Cast", ImplSpec())
class CastSame(Implementation):
    def reject(self, node: ExportNode) -> str | None:
        source, target = _dtypes(node)
        if source is not target:
            return f"from {source.value} to {target.value} there is a conversion"
        return "input 0 is a constant" if isinstance(node.input(0).tensor, Constant) else None

    def access(self, node: ExportNode) -> Alias:
        return Alias()


@generic.register("Cast", ImplSpec((PLAIN,), (PLAIN,)))
class CastInteger(Implementation):
    header = "sx_cast.h"
    params_type = "sx_cast_params"

    def reject(self, node: ExportNode) -> str | None:
        dtypes = _dtypes(node)
        return "it converts nothing, or float32" if dtypes[0] is dtypes[1] or DType.FLOAT32 in dtypes else None

    def kernel(self, node: ExportNode) -> str:
        return "sx_cast_integer"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"from": modular_number(node.input(0)), "to": modular_number(node.output), "size": node.output.size}


@generic.register("Cast", ImplSpec((F32,), (PLAIN,)))
@generic.register("Cast", ImplSpec((PLAIN,), (F32,)))
class CastF32(CastInteger):
    source = "sx_cast_f32"

    def reject(self, node: ExportNode) -> str | None:
        source, target = _dtypes(node)
        return "there is nothing to convert" if source is target else None

    def kernel(self, node: ExportNode) -> str:
        return f"sx_cast_{'to' if node.output.tensor.dtype is DType.FLOAT32 else 'from'}_f32"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"from": number(node.input(0)), "to": modular_number(node.output), "size": node.output.size}
