# SPDX-License-Identifier: Apache-2.0
"""Fully connected layers, four features at a time, with weights interleaved here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from export_rules.arm_dsp import arm_dsp
from export_rules.arm_dsp.packing import PACKED, pack_bias, pack_weights, packed_bytes
from export_rules.arm_dsp.requantize import requantize_fields
from export_rules.generic.fully_connected import SPEC, dense_requantize
from export_rules.generic.quantized import bias_values, needs_symmetric_weights, weights_values, zero_point
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.graph.params import Params


@arm_dsp.register("FullyConnected", replace(SPEC, features=PACKED))
class FullyConnectedPacked(Implementation):
    header = "sx_fully_connected_packed_s8.h"
    params_type = "sx_fully_connected_packed_s8"

    def reject(self, node: ExportNode) -> str | None:
        return needs_symmetric_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_fully_connected_packed_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def packed_bytes(self, node: ExportNode) -> int:
        return packed_bytes(*node.input(1).dims)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        weights = weights_values(node, params)
        out_features, in_features = weights.shape
        return {
            "weights": Array(pack_weights(weights)),
            "bias": Array(pack_bias(weights, bias_values(node, params), zero_point(params, node.input(0)))),
            "requantize": requantize_fields(dense_requantize(node, params)),
            "batch": node.input(0).size // in_features,
            "in_features": in_features,
            "out_features": out_features,
        }
