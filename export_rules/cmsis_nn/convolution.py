# SPDX-License-Identifier: Apache-2.0
"""Conv2D and DepthwiseConv2D by `arm_convolve_wrapper_s8` and `arm_depthwise_conv_wrapper_s8`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from export_rules.cmsis_nn import DSP, IMAGE_S8, S8, S32, cmsis_nn, rounds_otherwise
from export_rules.cmsis_nn.structures import (
    activation,
    dims,
    image_dims,
    misses_input,
    offsets,
    scaling,
    tile,
    too_large,
)
from export_rules.generic.quantized import needs_constant_weights, scale, weights_and_bias, zero_point
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Conv2D, DepthwiseConv2D
from sconnx.graph.params import Params
from sconnx.reference.requantize import requantize_products

SPEC = ImplSpec(inputs=(IMAGE_S8, S8, S32), outputs=(IMAGE_S8,))


def _weights_offset(node: ExportNode) -> str | None:
    """A reason when the weights have zero points, for which CMSIS-NN's convolutions have no argument."""
    quantization = node.input(1).quantization
    return "the weights have a zero point other than 0" if quantization and not quantization.symmetric else None


def _common_fields(node: ExportNode, params: Params, operator: Conv2D | DepthwiseConv2D) -> dict[str, CValue]:
    """What the parameters of both convolutions have, `parameters` for CMSIS-NN's own structure among it."""
    requantize = requantize_products(
        node.rule,
        scale(params, node.input(0)),
        params.scale[node.input(1).values],
        scale(params, node.output),
        zero_point(params, node.output),
        operator.activation.value,
    )
    packed = weights_and_bias(node, params)
    return {
        "parameters": {
            **offsets(node, params),
            "stride": tile(operator.stride_dims),
            "padding": tile(operator.padding),
            "dilation": tile(operator.dilation_dims),
            "activation": activation(requantize.minimum, requantize.maximum),
        },
        "input": image_dims(node.input(0)),
        "output": image_dims(node.output),
        "scaling": scaling(requantize, node.output.channels),
        "weights": packed["weights"],
        "bias": packed["bias"],
    }


@cmsis_nn.register("Conv2D", SPEC)
class Conv2DWhole(Implementation):
    header = "sx_cmsis_conv2d_s8.h"
    params_type = "sx_cmsis_conv2d_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        operator = cast(Conv2D, node.operator)
        reason = rounds_otherwise(node) or needs_constant_weights(node) or _weights_offset(node)
        if reason is None and operator.groups > 1 and node.inputs[2:] in ((), (None,)):
            # From the second group on, CMSIS-NN would take the bias from behind a null pointer.
            reason = f"{operator.groups} groups without a bias"
        return reason or too_large(node, math.prod(node.input(1).dims[1:]))

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_conv2d_s8" if self.scratch_bytes(node) else "sx_cmsis_conv2d_1x1_s8"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def scratch_bytes(self, node: ExportNode) -> int:
        """Two windows of int16, each of a multiple of four elements; none where the weights meet the input directly."""
        operator = cast(Conv2D, node.operator)
        is_1x1 = operator.kernel_dims == operator.dilation_dims == (1, 1) and operator.padding[:2] == (0, 0)
        if is_1x1 and operator.groups == 1:
            return 0
        # All input channels, also where a window has only those of one group: so CMSIS-NN computes it.
        elements = math.prod(operator.kernel_dims) * node.input(0).channels
        return 2 * 2 * (-(-elements // 4) * 4)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(Conv2D, node.operator)
        return {
            **_common_fields(node, params, operator),
            "filter": dims(*node.input(1).dims),
            "scratch_bytes": self.scratch_bytes(node),
        }


@cmsis_nn.register("DepthwiseConv2D", SPEC)
class DepthwiseConv2DWhole(Implementation):
    header = "sx_cmsis_depthwise_conv2d_s8.h"
    params_type = "sx_cmsis_depthwise_conv2d_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        operator = cast(DepthwiseConv2D, node.operator)
        reason = rounds_otherwise(node) or needs_constant_weights(node) or _weights_offset(node)
        reason = reason or misses_input(node, operator)
        if reason is None and self.is_3x3(operator) and self._last_column(node, operator) > 1:
            # The function for 3x3 windows always reads the middle column.
            reason = "a 3x3 window with two columns of padding on the right"
        return reason or too_large(node, math.prod(operator.kernel_dims))

    @staticmethod
    def is_3x3(operator: DepthwiseConv2D) -> bool:
        """Whether CMSIS-NN has a function of its own for the window; it needs no scratch."""
        return (
            operator.channel_multiplier == 1
            and operator.kernel_dims == (3, 3)
            and operator.dilation_dims == (1, 1)
            and max(operator.padding[:2]) <= 1
        )

    @staticmethod
    def _last_column(node: ExportNode, operator: DepthwiseConv2D) -> int:
        """How many columns the last window reaches beyond the right edge of the input."""
        first = (node.output.width - 1) * operator.stride_dims[1] - operator.padding[1]
        return first + operator.kernel_dims[1] - node.input(0).width

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_depthwise_conv2d_scratch_s8" if self.scratch_bytes(node) else "sx_cmsis_depthwise_conv2d_s8"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(DepthwiseConv2D, node.operator)
        fields = _common_fields(node, params, operator)
        parameters = cast(Mapping[str, CValue], fields["parameters"])
        return {
            **fields,
            "parameters": {**parameters, "ch_mult": operator.channel_multiplier},
            "filter": dims(1, *node.input(1).dims),
            "scratch_bytes": self.scratch_bytes(node),
        }


@cmsis_nn.register("DepthwiseConv2D", replace(SPEC, features=DSP))
class DepthwiseConv2DWholeDsp(DepthwiseConv2DWhole):
    def scratch_bytes(self, node: ExportNode) -> int:
        """One window of all channels as int16, unless the window is dilated, 3x3, or shared by several outputs."""
        operator = cast(DepthwiseConv2D, node.operator)
        if operator.channel_multiplier > 1 or operator.dilation_dims != (1, 1) or self.is_3x3(operator):
            return 0
        return 2 * math.prod(operator.kernel_dims) * node.input(0).channels
