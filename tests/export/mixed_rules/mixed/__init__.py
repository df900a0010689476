# SPDX-License-Identifier: Apache-2.0
"""A lib of a user's own, whose kernels take tensors of several dtypes."""

from __future__ import annotations

from collections.abc import Mapping

from sconnx.codegen.c_value import CValue
from sconnx.export.access import Elementwise
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

mixed = ExportLib("mixed")
F32, S64, BOOL = (IOSpec(dtype) for dtype in (DType.FLOAT32, DType.INT64, DType.BOOL))


class MixedElementwise(Implementation):
    """One call, in ascending order."""

    header = "sx_mixed.h"
    params_type = "sx_mixed"

    def access(self, node: ExportNode) -> Elementwise:
        return Elementwise()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return tuple(range(len(node.inputs)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"size": node.output.size}


@mixed.register("Add", ImplSpec(inputs=(F32, F32), outputs=(F32,)))
class AddFloats(MixedElementwise):
    def kernel(self, node: ExportNode) -> str:
        return "sx_mixed_add"


@mixed.register("Cast", ImplSpec(inputs=(F32,), outputs=(S64,)))
class FloatsToLongs(MixedElementwise):
    def kernel(self, node: ExportNode) -> str:
        return "sx_mixed_lengthen"


@mixed.register("Greater", ImplSpec(inputs=(F32, F32), outputs=(BOOL,)))
class GreaterFloats(MixedElementwise):
    def kernel(self, node: ExportNode) -> str:
        return "sx_mixed_greater"
