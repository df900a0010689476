# SPDX-License-Identifier: Apache-2.0
"""Convolutions and poolings of float32 on volumes, and on batches of images or sequences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import F32, generic
from export_rules.generic.float32 import (
    IMAGES_F32,
    SEQUENCES_F32,
    VOLUMES_F32,
    constant,
    in_blocks_of_four,
    limits_fields,
    optional,
)
from export_rules.generic.quantized import needs_constant_weights
from export_rules.generic.volume import Volumes, volume_dims
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import AveragePooling3D, Conv3D
from sconnx.graph.params import Params


class _Volume(Volumes):
    """Of float32."""

    def row_fields(self, node: ExportNode) -> dict[str, CValue]:
        """Sizes that all row kernels have."""
        operator = self.operator(node)
        return {
            "limits": limits_fields(operator.activation),
            "in_width": volume_dims(node.input(0).dims)[3],
            "out_width": volume_dims(node.output.dims)[3],
            "kernel_height": math.prod(operator.kernel_dims[:2]),
            "kernel_width": operator.kernel_dims[2],
            "stride_width": operator.stride_dims[2],
            "dilation_width": operator.dilation_dims[2],
            "pad_left": operator.padding[2],
        }


@generic.register("Conv3D", ImplSpec(inputs=(VOLUMES_F32, F32), outputs=(VOLUMES_F32,)))
@generic.register("Conv2D", ImplSpec(inputs=(IMAGES_F32, F32), outputs=(IMAGES_F32,)))
@generic.register("Conv1D", ImplSpec(inputs=(SEQUENCES_F32, F32), outputs=(SEQUENCES_F32,)))
class Conv3DF32(_Volume):
    header = "sx_conv3d_f32.h"
    params_type = "sx_conv3d_f32_params"

    def reject(self, node: ExportNode) -> str | None:
        return needs_constant_weights(node)

    def kernel(self, node: ExportNode) -> str:
        return "sx_conv3d_f32"

    def weights(self, node: ExportNode, params: Params) -> NDArray[np.float32]:
        """[out_channels, ..., in_channels / groups]"""
        values = constant(node, params, 1)
        assert values is not None
        return values

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        groups = cast(Conv3D, self.operator(node)).groups
        row = {
            "weights": Array(in_blocks_of_four(self.weights(node, params), groups)),
            "bias": optional(constant(node, params, 2)),
            **self.row_fields(node),
            "in_channels": node.input(0).dims[-1],
            "out_channels": node.output.dims[-1],
            "groups": groups,
        }
        return {"row": row, "volume": self.volume_fields(node)}


@generic.register("DepthwiseConv2D", ImplSpec(inputs=(IMAGES_F32, F32), outputs=(IMAGES_F32,)))
@generic.register("DepthwiseConv1D", ImplSpec(inputs=(SEQUENCES_F32, F32), outputs=(SEQUENCES_F32,)))
class DepthwiseConv2DBatchesF32(Conv3DF32):
    def weights(self, node: ExportNode, params: Params) -> NDArray[np.float32]:
        return np.moveaxis(super().weights(node, params), -1, 0)


class _Pooling3D(_Volume):
    header = "sx_pooling3d_f32.h"
    params_type = "sx_pooling3d_f32_params"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = self.operator(node)
        counts_padding = isinstance(operator, AveragePooling3D) and operator.count_include_pad
        row = {
            **self.row_fields(node),
            "channels": node.input(0).dims[-1],
            "divisor": float(math.prod(operator.kernel_dims) if counts_padding else 0),
        }
        return {"row": row, "volume": self.volume_fields(node)}


@generic.register("AveragePooling3D", ImplSpec(inputs=(VOLUMES_F32,), outputs=(VOLUMES_F32,)))
@generic.register("AveragePooling2D", ImplSpec(inputs=(IMAGES_F32,), outputs=(IMAGES_F32,)))
@generic.register("AveragePooling1D", ImplSpec(inputs=(SEQUENCES_F32,), outputs=(SEQUENCES_F32,)))
class AveragePooling3DF32(_Pooling3D):
    def kernel(self, node: ExportNode) -> str:
        return "sx_average_pooling3d_f32"


@generic.register("MaxPooling3D", ImplSpec(inputs=(VOLUMES_F32,), outputs=(VOLUMES_F32,)))
@generic.register("MaxPooling2D", ImplSpec(inputs=(IMAGES_F32,), outputs=(IMAGES_F32,)))
@generic.register("MaxPooling1D", ImplSpec(inputs=(SEQUENCES_F32,), outputs=(SEQUENCES_F32,)))
class MaxPooling3DF32(_Pooling3D):
    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling3d_f32"
