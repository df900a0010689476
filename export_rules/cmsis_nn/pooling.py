# SPDX-License-Identifier: Apache-2.0
"""AveragePooling2D and MaxPooling2D by `arm_avgpool_s8` and `arm_max_pool_s8`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from export_rules.cmsis_nn import DSP, IMAGE_S8, cmsis_nn, rounds_otherwise
from export_rules.cmsis_nn.structures import activation, dims, image_dims, misses_input, tile
from export_rules.generic.quantized import scale, zero_point
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import AveragePooling2D, MaxPooling2D
from sconnx.graph.params import Params
from sconnx.reference.requantize import activation_limits

SPEC = ImplSpec(inputs=(IMAGE_S8,), outputs=(IMAGE_S8,))


def _fields(node: ExportNode, params: Params) -> dict[str, CValue]:
    operator = cast(AveragePooling2D | MaxPooling2D, node.operator)
    limits = activation_limits(
        operator.activation.value, scale(params, node.output), zero_point(params, node.output), node.rule
    )
    return {
        "parameters": {
            "stride": tile(operator.stride_dims),
            "padding": tile(operator.padding),
            "activation": activation(*limits),
        },
        "input": image_dims(node.input(0)),
        "filter": dims(1, *operator.kernel_dims, 1),
        "output": image_dims(node.output),
    }


@cmsis_nn.register("AveragePooling2D", SPEC)
class AveragePooling2DWhole(Implementation):
    header = "sx_cmsis_average_pooling2d_s8.h"
    params_type = "sx_cmsis_average_pooling2d_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        operator = cast(AveragePooling2D, node.operator)
        dilated = None if operator.dilation_dims == (1, 1) else "the window is dilated"
        return rounds_otherwise(node) or dilated or misses_input(node, operator)

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_average_pooling2d_scratch_s8" if self.scratch_bytes(node) else "sx_cmsis_average_pooling2d_s8"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {**_fields(node, params), "scratch_bytes": self.scratch_bytes(node)}


@cmsis_nn.register("AveragePooling2D", replace(SPEC, features=DSP))
class AveragePooling2DWholeDsp(AveragePooling2DWhole):
    def scratch_bytes(self, node: ExportNode) -> int:
        """An int32 sum per channel."""
        return 4 * node.input(0).channels


@cmsis_nn.register("MaxPooling2D", SPEC)
class MaxPooling2DWhole(Implementation):
    header = "sx_cmsis_max_pooling2d_s8.h"
    params_type = "sx_cmsis_max_pooling2d_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        operator = cast(MaxPooling2D, node.operator)
        dilated = None if operator.dilation_dims == (1, 1) else "the window is dilated"
        return rounds_otherwise(node) or dilated or misses_input(node, operator)

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_max_pooling2d_s8"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return _fields(node, params)
