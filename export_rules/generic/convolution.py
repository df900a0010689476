# SPDX-License-Identifier: Apache-2.0
"""Convolutions, one output row a call; those of sequences as those of images of height 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from export_rules.generic import IMAGE_S8, S8, S32, SEQUENCE_S8, generic
from export_rules.generic.quantized import (
    needs_constant_weights,
    requantize_fields,
    scale,
    weights_and_bias,
    zero_point,
)
from export_rules.generic.rows import sliding
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Conv2D, DepthwiseConv2D, TransposedConv2D, as_2d
from sconnx.graph.params import Params
from sconnx.reference.requantize import Requantize, requantize_products

IMAGES = ImplSpec(inputs=(IMAGE_S8, S8, S32), outputs=(IMAGE_S8,))
SEQUENCES = ImplSpec(inputs=(SEQUENCE_S8, S8, S32), outputs=(SEQUENCE_S8,))


def conv_requantize(node: ExportNode, params: Params, activation: str) -> Requantize:
    """Requantisation of a convolution's sums."""
    return requantize_products(
        node.rule,
        scale(params, node.input(0)),
        params.scale[node.input(1).values],
        scale(params, node.output),
        zero_point(params, node.output),
        activation,
    )


def row_fields(node: ExportNode, operator: Conv2D | DepthwiseConv2D) -> dict[str, CValue]:
    return {
        "in_width": node.input(0).width,
        "in_channels": node.input(0).channels,
        "out_width": node.output.width,
        "kernel_height": operator.kernel_dims[0],
        "kernel_width": operator.kernel_dims[1],
        "stride_width": operator.stride_dims[1],
        "dilation_width": operator.dilation_dims[1],
        "pad_left": operator.padding[1],
    }


def _convolution_fields(node: ExportNode, params: Params, operator: Conv2D) -> dict[str, CValue]:
    return {
        **weights_and_bias(node, params),
        "requantize": requantize_fields(conv_requantize(node, params, operator.activation.value)),
        **row_fields(node, operator),
        "out_channels": node.output.channels,
        "groups": operator.groups,
    }


@generic.register("Conv2D", IMAGES)
@generic.register("Conv1D", SEQUENCES)
class Conv2DRows(Implementation):
    header = "sx_conv2d_s8.h"
    params_type = "sx_conv2d_s8"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_conv2d_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Window:
        return sliding(cast(Conv2D, as_2d(node.operator)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return _convolution_fields(node, params, cast(Conv2D, as_2d(node.operator)))


@generic.register("PaddedConv2D", IMAGES)
class PaddedConv2DRows(Conv2DRows):
    """The padding is the convolution's: nothing is copied."""

    def access(self, node: ExportNode) -> Window:
        return sliding(padded_conv(node))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return _convolution_fields(node, params, padded_conv(node))


def padded_conv(node: ExportNode) -> Conv2D:
    """The convolution with the padding of both members; the padded value is real 0, as a convolution's is."""
    conv = cast(Conv2D, node.members["conv"].operator)
    both = (outer + inner for outer, inner in zip(node.attribute("pad.padding"), conv.padding, strict=True))
    return replace(conv, padding=cast(tuple[int, int, int, int], tuple(both)))


@generic.register("DepthwiseConv2D", IMAGES)
@generic.register("DepthwiseConv1D", SEQUENCES)
class DepthwiseConv2DRows(Implementation):
    header = "sx_depthwise_conv2d_s8.h"
    params_type = "sx_depthwise_conv2d_s8"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_depthwise_conv2d_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Window:
        return sliding(cast(DepthwiseConv2D, as_2d(node.operator)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(DepthwiseConv2D, as_2d(node.operator))
        return {
            **weights_and_bias(node, params),
            "requantize": requantize_fields(conv_requantize(node, params, operator.activation.value)),
            **row_fields(node, operator),
            "channel_multiplier": operator.channel_multiplier,
        }


def transposed_shape(node: ExportNode, operator: TransposedConv2D) -> dict[str, CValue]:
    """The fields of `sx_transposed_conv2d_shape`."""
    x, y = node.input(0), node.output
    return {
        "batch": x.batch,
        "in_height": x.height,
        "in_width": x.width,
        "in_channels": x.channels,
        "out_height": y.height,
        "out_width": y.width,
        "out_channels": y.channels,
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


@generic.register("TransposedConv2D", ImplSpec(inputs=(S8, S8, S32), outputs=(S8,)))
@generic.register("TransposedConv1D", ImplSpec(inputs=(S8, S8, S32), outputs=(S8,)))
class TransposedConv2DWhole(Implementation):
    header = "sx_transposed_conv2d_s8.h"
    params_type = "sx_transposed_conv2d_s8"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_transposed_conv2d_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(TransposedConv2D, as_2d(node.operator))
        return {
            **weights_and_bias(node, params),
            "requantize": requantize_fields(conv_requantize(node, params, operator.activation.value)),
            "shape": transposed_shape(node, operator),
        }
