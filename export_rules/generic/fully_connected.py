# SPDX-License-Identifier: Apache-2.0
"""FullyConnected, the whole tensor a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from export_rules.generic import S8, S32, generic
from export_rules.generic.quantized import (
    needs_constant_weights,
    requantize_fields,
    scale,
    weights_and_bias,
    zero_point,
)
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import FullyConnected
from sconnx.graph.params import Params
from sconnx.reference.requantize import Requantize, requantize_fully_connected

SPEC = ImplSpec(inputs=(S8, S8, S32), outputs=(S8,))


def dense_requantize(node: ExportNode, params: Params) -> Requantize:
    """Requantisation of a fully connected layer's sums."""
    return requantize_fully_connected(
        node.rule,
        scale(params, node.input(0)),
        params.scale[node.input(1).values],
        scale(params, node.output),
        zero_point(params, node.output),
        cast(FullyConnected, node.operator).activation.value,
    )


@generic.register("FullyConnected", SPEC)
class FullyConnectedWhole(Implementation):
    header = "sx_fully_connected_s8.h"
    params_type = "sx_fully_connected_s8"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_fully_connected_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        out_features, in_features = node.input(1).dims
        return {
            **weights_and_bias(node, params),
            "requantize": requantize_fields(dense_requantize(node, params)),
            "batch": node.input(0).size // in_features,
            "in_features": in_features,
            "out_features": out_features,
        }
