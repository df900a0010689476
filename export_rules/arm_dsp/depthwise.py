# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions: blocks of output pixels of four channels, transposed to planes of one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.arm_dsp import DSP, arm_dsp
from export_rules.arm_dsp.depthwise_passes import PLANE_COLUMNS, row_cost, window_passes
from export_rules.arm_dsp.packing import too_large
from export_rules.arm_dsp.requantize import per_channel, requantize_fields
from export_rules.generic import IMAGE_S8, S32
from export_rules.generic.convolution import IMAGES as GENERIC_IMAGES
from export_rules.generic.convolution import SEQUENCES as GENERIC_SEQUENCES
from export_rules.generic.convolution import conv_requantize
from export_rules.generic.quantized import needs_symmetric_weights, weights_and_bias, zero_point
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Columns, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import DepthwiseConv2D, as_2d
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.requantize import INT8_MIN, Requantize
from sconnx.reference.rule import Rule

ANY, CLAMPED, QUICK, QUICK_UP = range(4)
"""The forms SX_RUN_*."""

MOST_SUM_BYTES = 1024
"""Of the sums of a block, if four output pixels need no more."""

IMAGES = replace(GENERIC_IMAGES, features=DSP)
SEQUENCES = replace(GENERIC_SEQUENCES, features=DSP)
WINDOWS_3X3 = ImplSpec(inputs=(IMAGE_S8, IOSpec(DType.INT8, (3, 3, None)), S32), outputs=(IMAGE_S8,), features=DSP)

_BYTES_3X3 = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1), (2, 1), None, (2, 2), None)
"""Which weight (row, column) is which byte of a channel's three words."""


def block_pixels(width: int, most: int) -> int:
    """Output pixels of a block: blocks of about equal size, of an even number unless there is only one."""
    blocks = -(-width // (most // 2 * 2))
    return width if width <= most else 2 * -(-width // (2 * blocks))


def _requantize(node: ExportNode, params: Params, operator: DepthwiseConv2D) -> dict[str, CValue]:
    """`requantize` with an entry per channel, and `form`, the quickest of sx_requantize_run_s8_dsp.h that is exact for all."""
    requantize = per_channel(conv_requantize(node, params, operator.activation.value), node.output.channels)
    fields = requantize_fields(requantize)
    return {"requantize": fields, "form": _form(requantize, fields)}


def _form(requantize: Requantize, fields: Mapping[str, CValue]) -> int:
    if not fields["short_shifts"]:
        return ANY
    if fields["narrow"] or (requantize.rule is Rule.TFLITE and np.any(requantize.shift > -2)):
        return CLAMPED
    return QUICK_UP if requantize.rule is Rule.TFLITE and requantize.zero_point == INT8_MIN else QUICK


@arm_dsp.register("DepthwiseConv2D", IMAGES)
@arm_dsp.register("DepthwiseConv1D", SEQUENCES)
class DepthwiseConv2DDsp(Implementation):
    """Any window, as a sum over passes."""

    header = "sx_depthwise_conv2d_s8_dsp.h"
    params_type = "sx_depthwise_conv2d_s8_dsp"

    def reject(self, node: ExportNode) -> str | None:
        return needs_symmetric_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_depthwise_conv2d_s8_dsp_{node.rule.value}"

    def _block(self, node: ExportNode) -> int:
        """Output pixels of a block: fours, as many as make a pixel cheapest, and as leave room for the sums of a group."""
        operator, width = self._operator(node), node.output.width
        outputs = min(4, node.input(0).channels) * operator.channel_multiplier
        possible = [pixels for pixels in (12, 8) if 4 * pixels * outputs <= MOST_SUM_BYTES]
        return min((*possible, 4), key=lambda pixels: row_cost(operator, width, outputs, pixels))

    @staticmethod
    def _operator(node: ExportNode) -> DepthwiseConv2D:
        return cast(DepthwiseConv2D, as_2d(node.operator))

    def access(self, node: ExportNode) -> Window:
        operator = self._operator(node)
        (height, width), (down, right) = operator.kernel_dims, operator.stride_dims
        top, left, _, _ = operator.padding
        columns = Columns(width, right, operator.dilation_dims[1], left, block=self._block(node))
        return Window(height, down, operator.dilation_dims[0], top, columns)

    def scratch_bytes(self, node: ExportNode) -> int:
        """Four planes of words, and the sums of a block of a group of channels."""
        outputs = min(4, node.input(0).channels) * self._operator(node).channel_multiplier
        return 4 * (4 * PLANE_COLUMNS + outputs * self._block(node))

    def packed_bytes(self, node: ExportNode) -> int:
        """The words of all passes, and a bias."""
        words = sum(taps.word_count for taps in window_passes(self._operator(node), self._block(node)))
        return 4 * (words + 1) * node.output.channels

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = self._operator(node)
        packed = weights_and_bias(node, params)
        weights = cast(Array, packed["weights"]).values.reshape(*operator.kernel_dims, -1)
        passes = window_passes(operator, self._block(node))
        words = np.concatenate([taps.words(weights) for taps in passes], axis=1)
        return {
            "weights": Array(words),
            "bias": packed["bias"],
            "passes": Array(np.array([taps.fields for taps in passes], np.int16)),
            **_requantize(node, params, operator),
            "input_zero_point": zero_point(params, node.input(0)),
            "in_width": node.input(0).width,
            "in_channels": node.input(0).channels,
            "out_width": node.output.width,
            "channel_multiplier": operator.channel_multiplier,
            "stride_width": operator.stride_dims[1],
            "pad_left": operator.padding[1],
            "block": self._block(node),
            "pass_count": len(passes),
            "words": words.shape[1],
        }


@arm_dsp.register("DepthwiseConv2D", WINDOWS_3X3)
class DepthwiseConv2D3x3Dsp(DepthwiseConv2DDsp):
    """3x3 without dilation, stride 1 or 2: all rows in one pass, and all of a channel in registers."""

    header = "sx_depthwise_conv2d_3x3_s8_dsp.h"
    params_type = "sx_depthwise_conv2d_3x3_s8_dsp"

    def reject(self, node: ExportNode) -> str | None:
        operator = self._operator(node)
        if operator.channel_multiplier > 1:
            return f"{operator.channel_multiplier} output channels per input channel"
        if operator.stride_dims[1] > 2 or operator.dilation_dims[1] > 1:
            return f"stride {operator.stride_dims[1]} and dilation {operator.dilation_dims[1]} of the width"
        return super().reject(node) or too_large(self._lengths(node))

    def kernel(self, node: ExportNode) -> str:
        return f"sx_depthwise_conv2d_3x3_s8_dsp_{node.rule.value}"

    def _lengths(self, node: ExportNode) -> dict[str, int]:
        """The int16 fields."""
        return {
            "in_width": node.input(0).width,
            "channels": node.output.channels,
            "out_width": node.output.width,
            "pad_left": self._operator(node).padding[1],
        }

    def _block(self, node: ExportNode) -> int:
        return block_pixels(node.output.width, (PLANE_COLUMNS - 2) // self._operator(node).stride_dims[1])

    def scratch_bytes(self, node: ExportNode) -> int:
        """Six planes of words: of four channels the pairs of two rows, and the third rows of two channels each."""
        return 6 * 4 * PLANE_COLUMNS

    def packed_bytes(self, node: ExportNode) -> int:
        """Four words per channel."""
        return 16 * node.output.channels

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = self._operator(node)
        packed = weights_and_bias(node, params)
        weights, bias = (cast(Array, packed[name]).values for name in ("weights", "bias"))
        fields = _requantize(node, params, operator)
        requantize = cast(dict[str, CValue], fields["requantize"])
        return {
            "weights": Array(channel_words(weights, bias, cast(Array, requantize["shift"]).values)),
            "form": fields["form"],
            **{name: requantize[name] for name in ("multiplier", "zero_point", "minimum", "maximum")},
            **self._lengths(node),
            "input_zero_point": zero_point(params, node.input(0)),
            "stride_width": operator.stride_dims[1],
            "block": self._block(node),
        }


def channel_words(
    weights: NDArray[np.integer], bias: NDArray[np.integer], shift: NDArray[np.integer]
) -> NDArray[np.int32]:
    """Weights [3, 3, C] int8, biases [C] int32 and shifts [C] int8 (or none) -> int32 [C, 4].

    See kernels/arm_dsp/sx_depthwise_conv2d_3x3_s8_dsp.h.
    """
    words = np.zeros((weights.shape[-1], 4), "<i4")
    if bias.size:
        words[:, 0] = bias
    as_bytes = words.view(np.int8)
    for position, weight in enumerate(_BYTES_3X3, start=4):
        if weight is not None:
            as_bytes[:, position] = weights[weight]
    if shift.size:
        as_bytes[:, -1] = shift
    return words.astype(np.int32)
