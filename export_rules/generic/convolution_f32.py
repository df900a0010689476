# SPDX-License-Identifier: Apache-2.0
"""Convolutions of float32, one output row a call; transposed ones the whole tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import F32, generic
from export_rules.generic.convolution import padded_conv
from export_rules.generic.float32 import (
    IMAGE_F32,
    IMAGES_F32,
    SEQUENCE_F32,
    SEQUENCES_F32,
    constant,
    in_blocks_of_four,
    limits_fields,
    optional,
)
from export_rules.generic.quantized import needs_constant_weights
from export_rules.generic.rows import sliding
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Access, Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Conv2D, DepthwiseConv2D, TransposedConv2D, as_2d
from sconnx.graph.params import Params

IMAGES = ImplSpec(inputs=(IMAGE_F32, F32), outputs=(IMAGE_F32,))
SEQUENCES = ImplSpec(inputs=(SEQUENCE_F32, F32), outputs=(SEQUENCE_F32,))
PIXELS = 2
"""Output pixels that are computed at once."""


def weights_of(node: ExportNode, params: Params) -> NDArray[np.float32]:
    """The constant weights."""
    return params.value[node.input(1).values].astype(np.float32)


def row_fields(node: ExportNode, operator: Conv2D | DepthwiseConv2D) -> dict[str, CValue]:
    """Sizes that all convolutions have."""
    return {
        "in_width": node.input(0).width,
        "out_width": node.output.width,
        "kernel_height": operator.kernel_dims[0],
        "kernel_width": operator.kernel_dims[1],
        "stride_width": operator.stride_dims[1],
        "dilation_width": operator.dilation_dims[1],
        "pad_left": operator.padding[1],
    }


def pixel_pairs(operator: Conv2D | DepthwiseConv2D) -> Window:
    """The order of convolutions that compute two pixels at once."""
    window = sliding(operator)
    assert window.columns is not None
    return replace(window, columns=replace(window.columns, block=PIXELS))


@generic.register("Conv2D", IMAGES)
@generic.register("Conv1D", SEQUENCES)
class Conv2DRowsF32(Implementation):
    header = "sx_conv2d_f32.h"
    params_type = "sx_conv2d_f32_params"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_conv2d_f32"

    def convolution(self, node: ExportNode) -> Conv2D:
        return cast(Conv2D, as_2d(node.operator))

    def weights(self, node: ExportNode, params: Params) -> NDArray[np.float32]:
        """[out_channels, kernel_height, kernel_width, in_channels / groups]"""
        return weights_of(node, params)

    def access(self, node: ExportNode) -> Window:
        return pixel_pairs(self.convolution(node))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = self.convolution(node)
        return {
            "weights": Array(in_blocks_of_four(self.weights(node, params), operator.groups)),
            "bias": optional(constant(node, params, 2)),
            "limits": limits_fields(operator.activation),
            **row_fields(node, operator),
            "in_channels": node.input(0).channels,
            "out_channels": node.output.channels,
            "groups": operator.groups,
        }


@generic.register("PaddedConv2D", IMAGES)
class PaddedConv2DRowsF32(Conv2DRowsF32):
    """The padding is the convolution's: nothing is copied."""

    def convolution(self, node: ExportNode) -> Conv2D:
        return padded_conv(node)


@generic.register("DepthwiseConv2D", IMAGES)
@generic.register("DepthwiseConv1D", SEQUENCES)
class DepthwiseConv2DRowsF32(Implementation):
    header = "sx_depthwise_conv2d_f32.h"
    params_type = "sx_depthwise_conv2d_f32_params"

    def reject(self, node: ExportNode) -> str | None:
        if node.attribute("channel_multiplier") != 1:
            return f"{node.attribute('channel_multiplier')} output channels of each input channel"
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_depthwise_conv2d_f32"

    def access(self, node: ExportNode) -> Window:
        return pixel_pairs(cast(DepthwiseConv2D, as_2d(node.operator)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(DepthwiseConv2D, as_2d(node.operator))
        return {
            "weights": Array(weights_of(node, params)),
            "bias": optional(constant(node, params, 2)),
            "limits": limits_fields(operator.activation),
            **row_fields(node, operator),
            "channels": node.input(0).channels,
        }


def as_grouped(operator: DepthwiseConv2D, channels: int) -> Conv2D:
    """A depthwise convolution as one of as many groups as input channels."""
    return Conv2D(
        kernel_dims=operator.kernel_dims,
        stride_dims=operator.stride_dims,
        dilation_dims=operator.dilation_dims,
        padding=operator.padding,
        groups=channels,
        activation=operator.activation,
    )


@generic.register("DepthwiseConv2D", replace(IMAGES, outputs=(IMAGES_F32,)))
@generic.register("DepthwiseConv1D", replace(SEQUENCES, outputs=(SEQUENCES_F32,)))
class MultipliedDepthwiseConv2DRowsF32(Conv2DRowsF32):
    """Several output channels of each input channel; with a wider spec, for it is the second choice."""

    def convolution(self, node: ExportNode) -> Conv2D:
        return as_grouped(cast(DepthwiseConv2D, as_2d(node.operator)), node.input(0).channels)

    def weights(self, node: ExportNode, params: Params) -> NDArray[np.float32]:
        return np.moveaxis(weights_of(node, params), -1, 0)


@generic.register("TransposedConv2D", ImplSpec(inputs=(IMAGES_F32, F32), outputs=(IMAGES_F32,)))
@generic.register("TransposedConv1D", ImplSpec(inputs=(SEQUENCES_F32, F32), outputs=(SEQUENCES_F32,)))
class TransposedConv2DF32(Implementation):
    header = "sx_transposed_conv2d_f32.h"
    params_type = "sx_transposed_conv2d_f32_params"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_transposed_conv2d_f32"

    def access(self, node: ExportNode) -> Access:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(TransposedConv2D, as_2d(node.operator))
        return {
            "weights": Array(in_blocks_of_four(weights_of(node, params), operator.groups)),
            "bias": optional(constant(node, params, 2)),
            "limits": limits_fields(operator.activation),
            "batch": node.input(0).batch,
            "in_height": node.input(0).height,
            "in_width": node.input(0).width,
            "in_channels": node.input(0).channels,
            "out_height": node.output.height,
            "out_width": node.output.width,
            "out_channels": node.output.channels,
            "kernel_height": operator.kernel_dims[0],
            "kernel_width": operator.kernel_dims[1],
            "stride_height": operator.stride_dims[0],
            "stride_width": operator.stride_dims[1],
            "dilation_height": operator.dilation_dims[0],
            "dilation_width": operator.dilation_dims[1],
            "pad_top": operator.padding[0],
            "pad_left": operator.padding[1],
            "groups": operator.groups,
        }
