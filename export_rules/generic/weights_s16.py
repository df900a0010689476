# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers of int16 with int8 weights, by the rule of TFLite."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import numpy as np

from export_rules.generic import S8, S16, generic
from export_rules.generic.convolution import row_fields, transposed_shape
from export_rules.generic.quantized import needs_symmetric_weights, scale
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.operator import Conv2D, DepthwiseConv2D, FullyConnected, TransposedConv2D, as_2d
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType
from sconnx.reference.requantize import (
    Requantize,
    activation_limits,
    requantize_fully_connected,
    requantize_products,
)
from sconnx.reference.rule import Rule

ANY_BIAS = IOSpec()
ANY = ImplSpec((S16, S8, ANY_BIAS), (S16,))
IMAGE_S16 = IOSpec(DType.INT16, (1, None, None, None), quantized=True)
SEQUENCE_S16 = IOSpec(DType.INT16, (1, None, None), quantized=True)
IMAGES = ImplSpec((IMAGE_S16, S8, ANY_BIAS), (IMAGE_S16,))
SEQUENCES = ImplSpec((SEQUENCE_S16, S8, ANY_BIAS), (SEQUENCE_S16,))


class _Weighted(Implementation):
    header = "sx_conv2d_s16x8.h"

    def reject(self, node: ExportNode) -> str | None:
        if node.rule is not Rule.TFLITE:
            return "only by the rule of TFLite"
        for operand in (node.input(0), node.output):
            if operand.quantization is not None and not operand.quantization.symmetric:
                return f"{operand.tensor.name!r} has a zero point other than 0"
        return needs_symmetric_weights(node)

    def _weights(
        self, node: ExportNode, params: Params, activation: str, derive: Callable[..., Requantize]
    ) -> dict[str, CValue]:
        """`weights`, and the fields of `sx_requantize_s16`; a bias of int64, or none, says that sums have 48 bits."""
        weights, output = node.input(1), scale(params, node.output)
        derived = derive(node.rule, scale(params, node.input(0)), params.scale[weights.values], output, 0, activation)
        minimum, maximum = activation_limits(activation, output, 0, node.rule, np.int16)
        operand = node.inputs[2] if len(node.inputs) > 2 else None
        wide = operand is None or operand.tensor.dtype is DType.INT64
        derived = replace(derived, wide=wide)
        bias = np.zeros(0, np.int64 if wide else np.int32) if operand is None else params.value[operand.values]
        return {
            "weights": Array(params.value[weights.values]),
            "requantize": {
                "multiplier": Array(derived.multiplier),
                "shift": Array(derived.shift),
                "bias": Array(bias[:0] if wide else bias),
                "wide_bias": Array(bias if wide else bias[:0]),
                "step": int(derived.multiplier.size > 1),
                "wide": int(wide),
                "minimum": minimum,
                "maximum": maximum,
            },
        }


class _Rows(_Weighted):
    def access(self, node: ExportNode) -> Window:
        operator = cast(Conv2D | DepthwiseConv2D, as_2d(node.operator))
        return Window(operator.kernel_dims[0], operator.stride_dims[0], operator.dilation_dims[0], operator.padding[0])

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(Conv2D | DepthwiseConv2D, as_2d(node.operator))
        return {
            **self._weights(node, params, operator.activation.value, requantize_products),
            **row_fields(node, operator),
            "out_channels": node.output.channels,
            "groups": operator.groups if isinstance(operator, Conv2D) else 1,
        }


@generic.register("Conv2D", IMAGES)
@generic.register("Conv1D", SEQUENCES)
class Conv2DRowsS16(_Rows):
    params_type = "sx_conv2d_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_conv2d_s16x8_tflite"


@generic.register("DepthwiseConv2D", IMAGES)
@generic.register("DepthwiseConv1D", SEQUENCES)
class DepthwiseConv2DRowsS16(_Rows):
    params_type = "sx_depthwise_conv2d_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_depthwise_conv2d_s16x8_tflite"


@generic.register("FullyConnected", ANY)
class FullyConnectedWholeS16(_Weighted):
    params_type = "sx_fully_connected_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_fully_connected_s16x8_tflite"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        activation = cast(FullyConnected, node.operator).activation.value
        return {
            **self._weights(node, params, activation, requantize_fully_connected),
            "batch": math.prod(node.input(0).dims[:-1]),
            "in_features": node.input(0).dims[-1],
            "out_features": node.output.dims[-1],
        }


@generic.register("TransposedConv2D", ANY)
@generic.register("TransposedConv1D", ANY)
class TransposedConv2DWholeS16(_Weighted):
    params_type = "sx_transposed_conv2d_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_transposed_conv2d_s16x8_tflite"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(TransposedConv2D, as_2d(node.operator))
        return {
            **self._weights(node, params, operator.activation.value, requantize_products),
            "shape": transposed_shape(node, operator),
        }
