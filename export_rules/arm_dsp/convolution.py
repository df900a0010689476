# SPDX-License-Identifier: Apache-2.0
"""Convolutions as products of matrices: windows gathered as columns, weights interleaved here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.arm_dsp import arm_dsp
from export_rules.arm_dsp.packing import (
    FOUR,
    PACKED,
    fours,
    pack_bias,
    pack_weights,
    packed_bytes,
    settle_constants,
    too_large,
    whole_fours_first,
)
from export_rules.arm_dsp.requantize import is_short, per_channel, requantize_fields, two_at_a_time
from export_rules.generic.convolution import IMAGES, SEQUENCES, conv_requantize, padded_conv
from export_rules.generic.quantized import bias_values, needs_symmetric_weights, weights_values, zero_point
from export_rules.generic.rows import sliding
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.graph.operator import Conv2D, as_2d
from sconnx.graph.params import Params
from sconnx.reference.requantize import Requantize
from sconnx.reference.rule import Rule

MOST_SCRATCH_BYTES = 2304
"""Where four windows need more, fewer pixels are computed at once: RAM is worth more than a tenth of the instructions."""

FEWEST_SHORT = 8
"""One channel in so many may be none for the short form; it is then computed twice."""


def column_bytes(operator: Conv2D, in_channels: int) -> int:
    """Bytes of a gathered window, in fours."""
    height, width = operator.kernel_dims
    return fours(height * width * in_channels // operator.groups) * FOUR


def runs_of(operator: Conv2D, in_channels: int) -> tuple[int, int]:
    """Runs of adjoining bytes in a row of a window, and the bytes of each.

    Runs of whole fours are one per kernel column, each padding as a whole; others are one run where they adjoin, which leaves
    fewer bytes behind its fours.
    """
    width, channels = operator.kernel_dims[1], in_channels // operator.groups
    adjoin = operator.groups == 1 and operator.dilation_dims[1] == 1
    return (1, width * channels) if adjoin and channels % FOUR else (width, channels)


def gathered_bytes(operator: Conv2D, in_channels: int, block: int) -> int:
    """Scratch for the windows of `block` output pixels: columns, and a copy of runs that are padding in part."""
    column = column_bytes(operator, in_channels)
    columns = column if block == 1 else 2 * block * column
    if in_channels // operator.groups % FOUR == 0:
        return columns
    return columns + (block - 1) * operator.stride_dims[1] * in_channels + runs_of(operator, in_channels)[1]


def block_of(operator: Conv2D, in_channels: int) -> int:
    """Output pixels that are computed at once."""
    return next((b for b in (4, 2) if gathered_bytes(operator, in_channels, b) <= MOST_SCRATCH_BYTES), 1)


def packed_values(
    weights: NDArray[np.int8],
    bias: NDArray[np.int32] | None,
    requantize: Requantize,
    input_zero_point: int,
    groups: int,
) -> dict[str, CValue]:
    """The fields with values: weights, biases and requantisation, and the channels that are not for its short form.

    Args:
        weights: [channels, ...], the elements of each in the order in which windows are gathered.
        requantize: with a multiplier for each channel.
    """
    if requantize.rule is Rule.TFLITE:
        weights, bias, requantize = settle_constants(weights, bias, requantize, input_zero_point)
    exceptions = np.flatnonzero(~is_short(requantize)).astype(np.int32)
    fields = requantize_fields(two_at_a_time(requantize))
    if exceptions.size * FEWEST_SHORT <= len(weights):
        fields["short_shifts"] = 1
    else:
        exceptions = exceptions[:0]
    parts = np.split(weights, groups)
    biases = [None] * groups if bias is None else np.split(bias, groups)
    return {
        "weights": Array(np.concatenate([pack_weights(part) for part in parts])),
        "bias": Array(np.concatenate([pack_bias(*pair, input_zero_point) for pair in zip(parts, biases, strict=True)])),
        "exceptions": Array(exceptions),
        "requantize": fields,
        "exception_count": exceptions.size,
    }


@arm_dsp.register("Conv2D", replace(IMAGES, features=PACKED))
@arm_dsp.register("Conv1D", replace(SEQUENCES, features=PACKED))
class Conv2DPacked(Implementation):
    header = "sx_conv2d_packed_s8.h"
    params_type = "sx_conv2d_packed_s8"

    def reject(self, node: ExportNode) -> str | None:
        return needs_symmetric_weights(node) or too_large(self._lengths(node))

    def kernel(self, node: ExportNode) -> str:
        return f"sx_conv2d_packed_s8_{node.rule.value}"

    def convolution(self, node: ExportNode) -> Conv2D:
        return cast(Conv2D, as_2d(node.operator))

    def _lengths(self, node: ExportNode) -> dict[str, int]:
        """The int16 fields."""
        operator, in_channels = self.convolution(node), node.input(0).channels
        runs, run_bytes = runs_of(operator, in_channels)
        return {
            "out_width": node.output.width,
            "step_bytes": operator.stride_dims[1] * in_channels,
            "pad_bytes": operator.padding[1] * in_channels,
            "kernel_height": operator.kernel_dims[0],
            "runs": runs,
            "run_bytes": run_bytes,
            "run_step_bytes": operator.dilation_dims[1] * in_channels,
            "out_channels": node.output.channels,
            "groups": operator.groups,
        }

    def access(self, node: ExportNode) -> Window:
        """All windows of a block are gathered before its first output is written; of several groups one after the other."""
        operator = self.convolution(node)
        window = sliding(operator)
        assert window.columns is not None
        block = block_of(operator, node.input(0).channels)
        return replace(window, columns=replace(window.columns, block=block, reads_first=operator.groups == 1))

    def scratch_bytes(self, node: ExportNode) -> int:
        operator, in_channels = self.convolution(node), node.input(0).channels
        return gathered_bytes(operator, in_channels, block_of(operator, in_channels))

    def packed_bytes(self, node: ExportNode) -> int:
        groups = self.convolution(node).groups
        return packed_bytes(node.output.channels // groups, math.prod(node.input(1).dims[1:]), groups)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator, in_channels = self.convolution(node), node.input(0).channels
        weights = whole_fours_first(weights_values(node, params), runs_of(operator, in_channels)[1])
        input_zero_point = zero_point(params, node.input(0))
        requantize = per_channel(conv_requantize(node, params, operator.activation.value), node.output.channels)
        return {
            **packed_values(weights, bias_values(node, params), requantize, input_zero_point, operator.groups),
            **self._lengths(node),
            "input_zero_point": input_zero_point,
            "row_bytes": node.input(0).row_bytes,
            "block": block_of(operator, in_channels),
            "whole_fours": int(in_channels // operator.groups % FOUR == 0),
        }


@arm_dsp.register("PaddedConv2D", replace(IMAGES, features=PACKED))
class PaddedConv2DPacked(Conv2DPacked):
    """The padding is the convolution's: nothing is copied."""

    def convolution(self, node: ExportNode) -> Conv2D:
        return padded_conv(node)
