# SPDX-License-Identifier: Apache-2.0
"""FullyConnected by `arm_fully_connected_wrapper_s8`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from export_rules.cmsis_nn import S8, S32, cmsis_nn, rounds_otherwise
from export_rules.cmsis_nn.structures import activation, dims, offsets, scaling
from export_rules.generic.quantized import needs_constant_weights, scale, weights_and_bias, zero_point
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import FullyConnected
from sconnx.graph.params import Params
from sconnx.reference.requantize import requantize_fully_connected


@cmsis_nn.register("FullyConnected", ImplSpec(inputs=(S8, S8, S32), outputs=(S8,)))
class FullyConnectedWhole(Implementation):
    header = "sx_cmsis_fully_connected_s8.h"
    params_type = "sx_cmsis_fully_connected_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        return rounds_otherwise(node) or needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_fully_connected_s8"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        out_features, in_features = node.input(1).dims
        batch = node.input(0).size // in_features
        requantize = requantize_fully_connected(
            node.rule,
            scale(params, node.input(0)),
            params.scale[node.input(1).values],
            scale(params, node.output),
            zero_point(params, node.output),
            cast(FullyConnected, node.operator).activation.value,
        )
        packed = weights_and_bias(node, params)
        return {
            "parameters": {
                **offsets(node, params),
                "filter_offset": -zero_point(params, node.input(1)),
                "activation": activation(requantize.minimum, requantize.maximum),
            },
            "input": dims(batch, 1, 1, in_features),
            "filter": dims(in_features, 1, 1, out_features),
            "output": dims(batch, 1, 1, out_features),
            "scaling": scaling(requantize, requantize.multiplier.size),
            "is_per_channel": int(requantize.multiplier.size > 1),
            "weights": packed["weights"],
            "bias": packed["bias"],
        }
