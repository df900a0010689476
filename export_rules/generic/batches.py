# SPDX-License-Identifier: Apache-2.0
"""Convolutions and poolings of int8 and int16 on batches of images or sequences.

Several images are the exception, so no core has kernels of its own for them; a depthwise convolution is one of many groups.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from export_rules.generic import S8, S32, generic
from export_rules.generic.convolution import Conv2DRows, DepthwiseConv2DRows
from export_rules.generic.pooling import AveragePooling2DRows, MaxPooling2DRows
from export_rules.generic.pooling_s16 import AveragePooling2DS16, MaxPooling2DS16
from export_rules.generic.volume import Volumes
from export_rules.generic.weights_s16 import ANY_BIAS, Conv2DRowsS16, DepthwiseConv2DRowsS16
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

IMAGES_S8, IMAGES_S16 = (IOSpec(dtype, (None,) * 4, quantized=True) for dtype in (DType.INT8, DType.INT16))
SEQUENCES_S8, SEQUENCES_S16 = (IOSpec(dtype, (None,) * 3, quantized=True) for dtype in (DType.INT8, DType.INT16))


class _Batches(Volumes):
    """Before the rule of single images among the base classes, whose parameters are those of a row."""

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"row": self.row(node, super().pack(node, params), params), "volume": self.volume_fields(node)}

    def row(self, node: ExportNode, fields: Mapping[str, CValue], params: Params) -> Mapping[str, CValue]:
        """The parameters of a row, from those of the rule of single images."""
        return fields


class _Depthwise(_Batches):
    def row(self, node: ExportNode, fields: Mapping[str, CValue], params: Params) -> Mapping[str, CValue]:
        weights = np.moveaxis(params.value[node.input(1).values], -1, 0)
        kept = {name: value for name, value in fields.items() if name != "channel_multiplier"}
        channels = {"groups": node.input(0).channels, "out_channels": node.output.channels}
        return {**kept, **channels, "weights": Array(np.ascontiguousarray(weights))}


@generic.register("Conv2D", ImplSpec((IMAGES_S8, S8, S32), (IMAGES_S8,)))
@generic.register("Conv1D", ImplSpec((SEQUENCES_S8, S8, S32), (SEQUENCES_S8,)))
class Conv2DBatches(_Batches, Conv2DRows):
    header = "sx_conv3d_s8.h"
    params_type = "sx_conv3d_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_conv3d_s8_{node.rule.value}"


@generic.register("DepthwiseConv2D", ImplSpec((IMAGES_S8, S8, S32), (IMAGES_S8,)))
@generic.register("DepthwiseConv1D", ImplSpec((SEQUENCES_S8, S8, S32), (SEQUENCES_S8,)))
class DepthwiseConv2DBatches(_Depthwise, DepthwiseConv2DRows):
    header = "sx_conv3d_s8.h"
    params_type = "sx_conv3d_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_conv3d_s8_{node.rule.value}"


@generic.register("Conv2D", ImplSpec((IMAGES_S16, S8, ANY_BIAS), (IMAGES_S16,)))
@generic.register("Conv1D", ImplSpec((SEQUENCES_S16, S8, ANY_BIAS), (SEQUENCES_S16,)))
class Conv2DBatchesS16(_Batches, Conv2DRowsS16):
    header = "sx_conv3d_s16x8.h"
    params_type = "sx_conv3d_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_conv3d_s16x8_tflite"


@generic.register("DepthwiseConv2D", ImplSpec((IMAGES_S16, S8, ANY_BIAS), (IMAGES_S16,)))
@generic.register("DepthwiseConv1D", ImplSpec((SEQUENCES_S16, S8, ANY_BIAS), (SEQUENCES_S16,)))
class DepthwiseConv2DBatchesS16(_Depthwise, DepthwiseConv2DRowsS16):
    header = "sx_conv3d_s16x8.h"
    params_type = "sx_conv3d_s16x8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_conv3d_s16x8_tflite"


@generic.register("AveragePooling2D", ImplSpec((IMAGES_S8,), (IMAGES_S8,)))
@generic.register("AveragePooling1D", ImplSpec((SEQUENCES_S8,), (SEQUENCES_S8,)))
class AveragePooling2DBatches(_Batches, AveragePooling2DRows):
    header = "sx_pooling3d_s8.h"
    params_type = "sx_average_pooling3d_s8"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling3d_s8_{node.rule.value}"


@generic.register("MaxPooling2D", ImplSpec((IMAGES_S8,), (IMAGES_S8,)))
@generic.register("MaxPooling1D", ImplSpec((SEQUENCES_S8,), (SEQUENCES_S8,)))
class MaxPooling2DBatches(_Batches, MaxPooling2DRows):
    header = "sx_pooling3d_s8.h"
    params_type = "sx_max_pooling3d_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling3d_s8_exact"


@generic.register("AveragePooling2D", ImplSpec((IMAGES_S16,), (IMAGES_S16,)))
@generic.register("AveragePooling1D", ImplSpec((SEQUENCES_S16,), (SEQUENCES_S16,)))
class AveragePooling2DBatchesS16(_Batches, AveragePooling2DS16):
    header = "sx_pooling3d_s16.h"
    params_type = "sx_pooling3d_s16"

    def kernel(self, node: ExportNode) -> str:
        return "sx_average_pooling3d_s16_tflite"


@generic.register("MaxPooling2D", ImplSpec((IMAGES_S16,), (IMAGES_S16,)))
@generic.register("MaxPooling1D", ImplSpec((SEQUENCES_S16,), (SEQUENCES_S16,)))
class MaxPooling2DBatchesS16(_Batches, MaxPooling2DS16):
    header = "sx_pooling3d_s16.h"
    params_type = "sx_pooling3d_s16"

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling3d_s16_exact"
