# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions, one output row a call; 16 taps of a channel at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.arm_mve import MVE, arm_mve
from export_rules.arm_mve.lanes import LANES, filled_up, folded_bias, requantize_lanes
from export_rules.generic.convolution import IMAGES, SEQUENCES, DepthwiseConv2DRows
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Columns, Window
from sconnx.export.node import ExportNode
from sconnx.graph.operator import DepthwiseConv2D, as_2d
from sconnx.graph.params import Params

TAPS = 4
"""Columns, and rows, of a block of taps."""
COLUMN_BYTES = 64
MOST_PIXELS = 8
"""At a time: more need more scratch, fewer lay out more columns twice."""


def _taps(weights: NDArray[np.integer]) -> NDArray[np.integer]:
    """[height, width, channels] to [channels / 16][height / 4][width / 4][up to 4][4 channels][4 columns][4 rows], filled up
    with zeros; flat."""
    height, width, _ = weights.shape
    padded = np.pad(weights, [(0, -height % TAPS), (0, -width % TAPS), (0, 0)])
    channels = filled_up(padded.transpose(2, 0, 1))
    fours = channels.reshape(-1, LANES, channels.shape[1] // TAPS, TAPS, channels.shape[2] // TAPS, TAPS)
    blocks = [fours[first : first + TAPS] for first in range(0, len(fours), TAPS)]
    return np.concatenate([block.transpose(2, 4, 0, 1, 5, 3).reshape(-1) for block in blocks])


def _operator(node: ExportNode) -> DepthwiseConv2D:
    return cast(DepthwiseConv2D, as_2d(node.operator))


def _block_width(node: ExportNode) -> int:
    """As many output pixels as are computed at a time, about the same number in each block of a row."""
    blocks = -(-node.output.width // MOST_PIXELS)
    return -(-node.output.width // blocks)


@arm_mve.register("DepthwiseConv2D", replace(IMAGES, features=MVE))
@arm_mve.register("DepthwiseConv1D", replace(SEQUENCES, features=MVE))
class DepthwiseConv2DRowsMve(DepthwiseConv2DRows):
    header = "sx_depthwise_conv2d_s8_mve.h"
    params_type = "sx_depthwise_conv2d_s8_mve"

    def reject(self, node: ExportNode) -> str | None:
        if _operator(node).channel_multiplier > 1:
            return f"{_operator(node).channel_multiplier} output channels per input channel"
        quantization = node.input(1).quantization
        if quantization is not None and not quantization.symmetric:
            return "the weights have a zero point"
        return super().reject(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_depthwise_conv2d_s8_mve_{node.rule.value}"

    def access(self, node: ExportNode) -> Window:
        access = super().access(node)
        return replace(access, columns=replace(cast(Columns, access.columns), block=_block_width(node)))

    def scratch_bytes(self, node: ExportNode) -> int:
        """Sums of 16 channels, the input columns of a block of pixels, and a pixel of padding."""
        operator = _operator(node)
        taps = -(-operator.kernel_dims[1] // TAPS) * TAPS
        pixels = _block_width(node)
        columns = (pixels - 1) * operator.stride_dims[1] + (taps - 1) * operator.dilation_dims[1] + 1
        return COLUMN_BYTES * (pixels + columns) + 16

    def packed_bytes(self, node: ExportNode) -> int:
        """Of the weights of `_taps` and their biases, with the fill."""
        height, width = (-(-size // TAPS) * TAPS for size in _operator(node).kernel_dims)
        return -(-node.output.channels // LANES) * LANES * (height * width + 4)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        fields = dict(super().pack(node, params))
        operator = _operator(node)
        weights = cast(Array, fields["weights"]).values.reshape(*operator.kernel_dims, node.output.channels)
        bias = folded_bias(weights.reshape(-1, node.output.channels).T, fields)
        unused = ("weights_zero_point", "in_channels", "channel_multiplier")
        return {name: value for name, value in fields.items() if name not in unused} | {
            "weights": Array(_taps(weights)),
            "bias": Array(filled_up(bias)),
            "requantize": requantize_lanes(cast(Mapping[str, CValue], fields["requantize"])),
            "channels": node.output.channels,
            "block_width": _block_width(node),
        }
