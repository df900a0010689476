# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions: blocks of output pixels of four channels, transposed to planes of one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.arm_dsp import DSP, arm_dsp
from export_rules.arm_dsp.requantize import requantize_fields
from export_rules.generic import IMAGE_S8, S32
from export_rules.generic.quantized import needs_constant_weights, scale, weights_and_bias, zero_point
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Columns, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import DepthwiseConv2D
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.requantize import INT8_MIN, Requantize, requantize_products
from sconnx.reference.rule import Rule

PLANE_COLUMNS = 16
"""SX_PLANE_COLUMNS: the input columns that a block reaches over at most."""

ANY, CLAMPED, QUICK, QUICK_UP = range(4)
"""The forms SX_RUN_*."""

WINDOWS_3X3 = ImplSpec(inputs=(IMAGE_S8, IOSpec(DType.INT8, (3, 3, None)), S32), outputs=(IMAGE_S8,), features=DSP)

_BYTES_3X3 = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1), (2, 1), None, (2, 2), None)
"""Which weight (row, column) is which byte of a channel's three words."""


def block_pixels(width: int, most: int) -> int:
    """Output pixels of a block: blocks of about equal size, of an even number unless there is only one."""
    blocks = -(-width // (most // 2 * 2))
    return width if width <= most else 2 * -(-width // (2 * blocks))


@arm_dsp.register("DepthwiseConv2D", WINDOWS_3X3)
class DepthwiseConv2D3x3Dsp(Implementation):
    header = "sx_depthwise_conv2d_3x3_s8_dsp.h"
    params_type = "sx_depthwise_conv2d_3x3_s8_dsp"

    def reject(self, node: ExportNode) -> str | None:
        operator = cast(DepthwiseConv2D, node.operator)
        if operator.channel_multiplier > 1:
            return f"{operator.channel_multiplier} output channels per input channel"
        if operator.stride_dims[1] > 2 or operator.dilation_dims[1] > 1:
            return f"stride {operator.stride_dims[1]} and dilation {operator.dilation_dims[1]} of the width"
        quantization = node.input(1).quantization
        if quantization and not quantization.symmetric:
            return "the weights have a zero point other than 0"
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_depthwise_conv2d_3x3_s8_dsp_{node.rule.value}"

    def _block(self, node: ExportNode) -> int:
        return block_pixels(node.output.width, (PLANE_COLUMNS - 2) // node.attribute("stride_dims")[1])

    def access(self, node: ExportNode) -> Window:
        operator = cast(DepthwiseConv2D, node.operator)
        top, left, _, _ = operator.padding
        columns = Columns(3, operator.stride_dims[1], 1, left, block=self._block(node))
        return Window(3, operator.stride_dims[0], operator.dilation_dims[0], top, columns)

    def scratch_bytes(self, node: ExportNode) -> int:
        """Six planes of words: of four channels the pairs of two rows, and the third rows of two channels each."""
        return 6 * 4 * PLANE_COLUMNS

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(DepthwiseConv2D, node.operator)
        packed = weights_and_bias(node, params)
        weights, bias = (cast(Array, packed[name]).values for name in ("weights", "bias"))
        requantize = requantize_products(
            node.rule,
            scale(params, node.input(0)),
            params.scale[node.input(1).values],
            scale(params, node.output),
            zero_point(params, node.output),
            operator.activation.value,
        )
        return {
            "weights": Array(channel_words(weights, bias)),
            **_run_fields(requantize, node.output.channels),
            "input_zero_point": zero_point(params, node.input(0)),
            "in_width": node.input(0).width,
            "channels": node.output.channels,
            "out_width": node.output.width,
            "stride_width": operator.stride_dims[1],
            "pad_left": operator.padding[1],
            "block": self._block(node),
        }


def _run_fields(requantize: Requantize, channels: int) -> dict[str, CValue]:
    """`requantize` with an entry per channel, and `form`, the quickest of sx_requantize_run_s8_dsp.h that is exact for all."""
    count = channels if requantize.multiplier.size == 1 else 1
    requantize = replace(
        requantize, multiplier=np.tile(requantize.multiplier, count), shift=np.tile(requantize.shift, count)
    )
    fields = requantize_fields(requantize)
    form = ANY
    if fields["short_shifts"]:
        has_shifts = requantize.rule is Rule.ONNX or bool(np.all(requantize.shift <= -2))
        form = CLAMPED if fields["narrow"] or not has_shifts else QUICK
        if form == QUICK and requantize.rule is Rule.TFLITE and requantize.zero_point == INT8_MIN:
            form = QUICK_UP
    return {"requantize": fields, "form": form}


def channel_words(weights: NDArray[np.integer], bias: NDArray[np.integer]) -> NDArray[np.int32]:
    """Weights [3, 3, C] int8 and biases [C] int32 (or none) -> int32 [C, 4], see sx_depthwise_conv2d_3x3_s8_dsp.h."""
    words = np.zeros((weights.shape[-1], 4), "<i4")
    if bias.size:
        words[:, 0] = bias
    as_bytes = words.view(np.int8)
    for position, weight in enumerate(_BYTES_3X3, start=4):
        if weight is not None:
            as_bytes[:, position] = weights[weight]
    return words.astype(np.int32)
