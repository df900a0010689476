# SPDX-License-Identifier: Apache-2.0
"""Normalisation of float32 over the last dimension; images one row a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from export_rules.generic import F32, generic
from export_rules.generic.float32 import constant, optional
from export_rules.generic.quantized import needs_constant_weights
from export_rules.generic.rows import element_by_element, elements_a_call, has_rows
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Access, Columns, Elementwise, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import L2Normalization, LayerNormalization, LocalResponseNormalization, Softmax
from sconnx.graph.params import Params

SPEC = ImplSpec(inputs=(F32,), outputs=(F32,))


def depth_of(node: ExportNode) -> int:
    """The last dimension; a scalar is one of 1."""
    return node.output.dims[-1] if node.output.dims else 1


class _LastDimension(Implementation):
    """Elements are written in ascending order, each after it was read for the last time."""

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node, (0,))

    def sizes(self, node: ExportNode) -> dict[str, CValue]:
        return {"rows": elements_a_call(node, (0,)) // depth_of(node), "depth": depth_of(node)}


class _Softmax(_LastDimension):
    header = "sx_softmax_f32.h"
    params_type = "sx_softmax_f32_params"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        beta = node.operator.beta if isinstance(node.operator, Softmax) else 1.0
        return {"beta": beta, **self.sizes(node)}


@generic.register("Softmax", SPEC)
class SoftmaxF32(_Softmax):
    def kernel(self, node: ExportNode) -> str:
        return "sx_softmax_f32"


@generic.register("LogSoftmax", SPEC)
class LogSoftmaxF32(_Softmax):
    def kernel(self, node: ExportNode) -> str:
        return "sx_log_softmax_f32"


@generic.register("Hardmax", SPEC)
class HardmaxF32(_Softmax):
    def kernel(self, node: ExportNode) -> str:
        return "sx_hardmax_f32"


class _Normalization(_LastDimension):
    header = "sx_normalization_f32.h"
    params_type = "sx_normalization_f32_params"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(L2Normalization | LayerNormalization, node.operator)
        return {
            "scale": optional(constant(node, params, 1)),
            "shift": optional(constant(node, params, 2)),
            "epsilon": operator.epsilon,
            "centred": int(isinstance(operator, LayerNormalization) and operator.centred),
            **self.sizes(node),
        }


@generic.register("L2Normalization", SPEC)
class L2NormalizationF32(_Normalization):
    def kernel(self, node: ExportNode) -> str:
        return "sx_l2_normalization_f32"


@generic.register("LayerNormalization", SPEC)
class LayerNormalizationF32(_Normalization):
    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_layer_normalization_f32"


@generic.register("LocalResponseNormalization", SPEC)
class LocalResponseNormalizationF32(Implementation):
    header = "sx_local_response_normalization_f32.h"
    params_type = "sx_local_response_normalization_f32_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_local_response_normalization_f32"

    def access(self, node: ExportNode) -> Access:
        """Pixel by pixel, but a pixel reads channels again that it has written."""
        if not (has_rows(node.input(0)) and has_rows(node.output)):
            return Whole()
        return Window(1, 1, 1, 0, Columns(1, 1, 1, 0))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(LocalResponseNormalization, node.operator)
        by_rows = isinstance(self.access(node), Window)
        elements = node.output.row_bytes // 4 if by_rows else node.output.size
        return {
            "alpha": operator.alpha,
            "beta": operator.beta,
            "bias": operator.bias,
            "pixels": elements // depth_of(node),
            "channels": depth_of(node),
            "before": operator.before,
            "after": operator.after,
        }
