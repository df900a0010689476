# SPDX-License-Identifier: Apache-2.0
"""Convolutions, one output row a call, and fully connected layers, the whole tensor a call; sixteen products at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np

from export_rules.arm_mve import MVE, arm_mve
from export_rules.arm_mve.lanes import filled_up, folded_bias, in_blocks, packed_bytes, requantize_lanes
from export_rules.generic import IMAGE_S8, S8, S32, SEQUENCE_S8
from export_rules.generic.convolution import IMAGES, SEQUENCES, Conv2DRows, DepthwiseConv2DRows, PaddedConv2DRows
from export_rules.generic.fully_connected import SPEC, FullyConnectedWhole
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Columns, Window
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import Conv2D, as_2d
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

ONE_PIXEL = ImplSpec((IMAGE_S8, IOSpec(DType.INT8, (None, 1, 1, None)), S32), (IMAGE_S8,), MVE)
ONE_STEP = ImplSpec((SEQUENCE_S8, IOSpec(DType.INT8, (None, 1, None)), S32), (SEQUENCE_S8,), MVE)
ONE_CHANNEL = ImplSpec((IOSpec(DType.INT8, (1, None, None, 1)), S8, S32), (IMAGE_S8,), MVE)


def _in_lanes(fields: Mapping[str, CValue], out_channels: int, groups: int = 1) -> dict[str, CValue]:
    """The fields of lib `generic` with weights, bias and multipliers in blocks of four channels."""
    weights = cast(Array, fields["weights"]).values.reshape(out_channels, -1)
    return {
        **fields,
        "weights": Array(in_blocks(weights, groups)),
        "bias": Array(filled_up(folded_bias(weights, fields), groups)),
        "requantize": requantize_lanes(cast(Mapping[str, CValue], fields["requantize"]), groups),
    }


def _pointwise(fields: Mapping[str, CValue], sizes: dict[str, CValue]) -> dict[str, CValue]:
    """The fields of `sx_pointwise_s8_mve`: those of lib `generic` that it has, in lanes, and its sizes."""
    in_lanes = _in_lanes(fields, cast(int, sizes["out_channels"]))
    return {name: in_lanes[name] for name in ("weights", "bias", "requantize", "weights_zero_point")} | sizes


THIN = 32
"""The most inputs of windows of which some pixels are computed at a time; SX_THIN_MVE in the kernels."""
THIN_PIXELS = 16
GATHERED_PIXELS = 8
"""Fewer than the kernel could take: their windows are copied to scratch."""


def _pixels_at_a_time(node: ExportNode, window: int, groups: int) -> int:
    """About the same number in each block of a row; 1 where the kernel does not keep the weights in registers."""
    quantization = node.input(1).quantization
    if window > THIN or groups > 1 or quantization is None or not quantization.symmetric:
        return 1
    blocks = -(-node.output.width // GATHERED_PIXELS)
    return -(-node.output.width // blocks)


def _gathered(access: Window, pixels_at_a_time: int) -> Window:
    """The order of kernels that copy the windows of some pixels before they write the first of these."""
    return replace(access, columns=replace(cast(Columns, access.columns), block=pixels_at_a_time, reads_first=True))


@arm_mve.register("Conv2D", replace(IMAGES, features=MVE))
@arm_mve.register("Conv1D", replace(SEQUENCES, features=MVE))
class Conv2DRowsMve(Conv2DRows):
    header = "sx_conv2d_s8_mve.h"
    params_type = "sx_conv2d_s8_mve"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_conv2d_s8_mve_{node.rule.value}"

    def access(self, node: ExportNode) -> Window:
        return _gathered(super().access(node), self.pixels_at_a_time(node))

    def window(self, node: ExportNode) -> int:
        """The inputs of one output pixel, of all groups."""
        return math.prod(node.input(1).dims[1:-1]) * node.input(0).channels

    def pixels_at_a_time(self, node: ExportNode) -> int:
        return _pixels_at_a_time(node, self.window(node), node.input(0).channels // node.input(1).dims[-1])

    def scratch_bytes(self, node: ExportNode) -> int:
        """The windows of some pixels."""
        return self.pixels_at_a_time(node) * self.window(node)

    def packed_bytes(self, node: ExportNode) -> int:
        per_group = node.input(1).dims[-1]
        products = math.prod(node.input(1).dims[1:-1]) * per_group
        return packed_bytes(node.output.channels, products, node.input(0).channels // per_group)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        fields = super().pack(node, params)
        in_lanes = _in_lanes(fields, node.output.channels, cast(int, fields["groups"]))
        return in_lanes | {"pixels_at_a_time": self.pixels_at_a_time(node)}


@arm_mve.register("PaddedConv2D", replace(IMAGES, features=MVE))
class PaddedConv2DRowsMve(Conv2DRowsMve, PaddedConv2DRows):
    """The padding is the convolution's: nothing is copied but the windows."""


@arm_mve.register("DepthwiseConv2D", ONE_CHANNEL)
class OneChannelConv2DRowsMve(DepthwiseConv2DRows):
    """Depthwise in one channel is a convolution of one channel."""

    header = Conv2DRowsMve.header
    params_type = Conv2DRowsMve.params_type
    kernel = Conv2DRowsMve.kernel

    def access(self, node: ExportNode) -> Window:
        return _gathered(super().access(node), self.pixels_at_a_time(node))

    def window(self, node: ExportNode) -> int:
        return math.prod(node.input(1).dims[:-1])

    def pixels_at_a_time(self, node: ExportNode) -> int:
        return _pixels_at_a_time(node, self.window(node), 1)

    def scratch_bytes(self, node: ExportNode) -> int:
        """The windows of some pixels."""
        return self.pixels_at_a_time(node) * self.window(node)

    def packed_bytes(self, node: ExportNode) -> int:
        return packed_bytes(node.output.channels, self.window(node))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        fields = {**super().pack(node, params), "out_channels": node.output.channels, "groups": 1}
        fields["pixels_at_a_time"] = self.pixels_at_a_time(node)
        del fields["channel_multiplier"]
        fields["weights"] = Array(np.moveaxis(cast(Array, fields["weights"]).values, -1, 0))
        return _in_lanes(fields, node.output.channels)


@arm_mve.register("Conv2D", ONE_PIXEL)
@arm_mve.register("Conv1D", ONE_STEP)
class PointwiseConv2DRowsMve(Conv2DRows):
    """A kernel of one pixel: nothing is copied."""

    header = "sx_pointwise_s8_mve.h"
    params_type = "sx_pointwise_s8_mve"

    def reject(self, node: ExportNode) -> str | None:
        operator = cast(Conv2D, as_2d(node.operator))
        if any(operator.padding):
            return "padding"
        return f"{operator.groups} groups" if operator.groups > 1 else super().reject(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_pointwise_s8_mve_{node.rule.value}"

    def access(self, node: ExportNode) -> Window:
        access = super().access(node)
        block = THIN_PIXELS if node.input(0).channels <= THIN else 1
        return replace(access, columns=replace(cast(Columns, access.columns), block=block))

    def packed_bytes(self, node: ExportNode) -> int:
        return packed_bytes(node.output.channels, node.input(0).channels)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        channels, stride = node.input(0).channels, cast(Conv2D, as_2d(node.operator)).stride_dims[1]
        sizes: dict[str, CValue] = {
            "pixels": node.output.width,
            "pixel_step": stride * channels,
            "in_channels": channels,
            "out_channels": node.output.channels,
        }
        return _pointwise(super().pack(node, params), sizes)


@arm_mve.register("FullyConnected", replace(SPEC, features=MVE))
class FullyConnectedWholeMve(FullyConnectedWhole):
    header = PointwiseConv2DRowsMve.header
    params_type = PointwiseConv2DRowsMve.params_type
    kernel = PointwiseConv2DRowsMve.kernel

    def packed_bytes(self, node: ExportNode) -> int:
        return packed_bytes(*node.input(1).dims)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        out_features, in_features = node.input(1).dims
        sizes: dict[str, CValue] = {
            "pixels": node.input(0).size // in_features,
            "pixel_step": in_features,
            "in_channels": in_features,
            "out_channels": out_features,
        }
        return _pointwise(super().pack(node, params), sizes)
