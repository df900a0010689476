# SPDX-License-Identifier: Apache-2.0
"""Poolings of int16, one output row a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import generic
from export_rules.generic.quantized import scale, zero_point
from export_rules.generic.weights_s16 import IMAGE_S16, SEQUENCE_S16
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import AveragePooling2D, MaxPooling2D, as_2d
from sconnx.graph.params import Params
from sconnx.reference.requantize import activation_limits
from sconnx.reference.rule import Rule

IMAGES = ImplSpec((IMAGE_S16,), (IMAGE_S16,))
SEQUENCES = ImplSpec((SEQUENCE_S16,), (SEQUENCE_S16,))


class _Pooling(Implementation):
    header = "sx_pooling2d_s16.h"
    params_type = "sx_pooling2d_s16"

    def reject(self, node: ExportNode) -> str | None:
        return None if node.rule is Rule.TFLITE else "only by the rule of TFLite"

    def access(self, node: ExportNode) -> Window:
        operator = cast(AveragePooling2D | MaxPooling2D, as_2d(node.operator))
        dilation = operator.dilation_dims if isinstance(operator, MaxPooling2D) else (1, 1)
        return Window(operator.kernel_dims[0], operator.stride_dims[0], dilation[0], operator.padding[0])

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(AveragePooling2D | MaxPooling2D, as_2d(node.operator))
        dilation = operator.dilation_dims if isinstance(operator, MaxPooling2D) else (1, 1)
        quantization = (scale(params, node.output), zero_point(params, node.output))
        minimum, maximum = activation_limits(operator.activation.value, *quantization, node.rule, np.int16)
        return {
            "minimum": minimum,
            "maximum": maximum,
            "in_width": node.input(0).width,
            "channels": node.output.channels,
            "out_width": node.output.width,
            "kernel_height": operator.kernel_dims[0],
            "kernel_width": operator.kernel_dims[1],
            "stride_width": operator.stride_dims[1],
            "dilation_width": dilation[1],
            "pad_left": operator.padding[1],
        }


@generic.register("MaxPooling2D", IMAGES)
@generic.register("MaxPooling1D", SEQUENCES)
class MaxPooling2DS16(_Pooling):
    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_s16_exact"


@generic.register("AveragePooling2D", IMAGES)
@generic.register("AveragePooling1D", SEQUENCES)
class AveragePooling2DS16(_Pooling):
    def kernel(self, node: ExportNode) -> str:
        return "sx_average_pooling2d_s16_tflite"
