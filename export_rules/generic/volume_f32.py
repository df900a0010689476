# SPDX-License-Identifier: Apache-2.0
"""Convolutions and poolings of float32 on volumes, and on batches of images or sequences: the whole tensor a call."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import F32, generic
from export_rules.generic.convolution_f32 import as_grouped
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
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Access, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import (
    AveragePooling2D,
    AveragePooling3D,
    Conv2D,
    Conv3D,
    DepthwiseConv2D,
    Dims,
    MaxPooling2D,
    MaxPooling3D,
    Operator,
    as_2d,
)
from sconnx.graph.params import Params

POINTER_BYTES = 8
"""Of the build machine's; those of a Cortex-M are shorter."""

Sliding = Conv3D | AveragePooling3D | MaxPooling3D
_OF_VOLUMES: dict[type[Operator], type[Operator]] = {
    Conv2D: Conv3D,
    AveragePooling2D: AveragePooling3D,
    MaxPooling2D: MaxPooling3D,
}


def as_3d(operator: Operator) -> Sliding:
    """An operator on sequences or images as the one on volumes of depth 1."""
    flat = as_2d(operator)
    cls = _OF_VOLUMES.get(type(flat))
    if cls is None:
        return cast(Sliding, flat)
    values: dict[str, Any] = {item.name: getattr(flat, item.name) for item in fields(flat)}
    for name, value in values.items():
        if name.endswith("_dims"):
            values[name] = (1, *value)
    top, left, bottom, right = values["padding"]
    return cast(Sliding, cls(**{**values, "padding": (0, top, left, 0, bottom, right)}))


def volume_dims(dims: Dims) -> Dims:
    """[N, D, H, W, C] of an image, a sequence or a volume."""
    return (dims[0], *(1,) * (5 - len(dims)), *dims[1:])


class _Volume(Implementation):
    """A row kernel that is called for all rows, with the pointers to them in its scratch buffer."""

    def operator(self, node: ExportNode) -> Sliding:
        return as_3d(node.operator)

    def access(self, node: ExportNode) -> Access:
        return Whole()

    def scratch_bytes(self, node: ExportNode) -> int:
        return POINTER_BYTES * math.prod(self.operator(node).kernel_dims[:2]) + POINTER_BYTES // 2

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

    def volume_fields(self, node: ExportNode) -> dict[str, CValue]:
        """The fields of `sx_volume`."""
        operator = self.operator(node)
        (batch, in_depth, in_height, *in_row), (_, out_depth, out_height, *out_row) = (
            volume_dims(operand.dims) for operand in (node.input(0), node.output)
        )
        return {
            "batch": batch,
            "in_depth": in_depth,
            "in_height": in_height,
            "in_row_bytes": 4 * math.prod(in_row),
            "out_depth": out_depth,
            "out_height": out_height,
            "out_row_bytes": 4 * math.prod(out_row),
            "kernel_depth": operator.kernel_dims[0],
            "kernel_height": operator.kernel_dims[1],
            "stride_depth": operator.stride_dims[0],
            "stride_height": operator.stride_dims[1],
            "dilation_depth": operator.dilation_dims[0],
            "dilation_height": operator.dilation_dims[1],
            "pad_front": operator.padding[0],
            "pad_top": operator.padding[1],
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
    """A convolution of as many groups as input channels."""

    def operator(self, node: ExportNode) -> Sliding:
        depthwise = cast(DepthwiseConv2D, as_2d(node.operator))
        return as_3d(as_grouped(depthwise, node.input(0).dims[-1]))

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
