# SPDX-License-Identifier: Apache-2.0
"""What row kernels need to be called for volumes, and for batches of images or sequences: the whole tensor a call."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, cast

from export_rules.generic.convolution_f32 import as_grouped
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Access, Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
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


class Volumes(Implementation):
    """A row kernel that is called for all rows, with the pointers to them in its scratch buffer."""

    def operator(self, node: ExportNode) -> Sliding:
        """The node's on volumes; a depthwise convolution as one of as many groups as input channels."""
        flat = as_2d(node.operator)
        return as_3d(as_grouped(flat, node.input(0).dims[-1]) if isinstance(flat, DepthwiseConv2D) else flat)

    def access(self, node: ExportNode) -> Access:
        return Whole()

    def scratch_bytes(self, node: ExportNode) -> int:
        return POINTER_BYTES * math.prod(self.operator(node).kernel_dims[:2]) + POINTER_BYTES // 2

    def volume_fields(self, node: ExportNode) -> dict[str, CValue]:
        """The fields of `sx_volume`."""
        operator, element_bytes = self.operator(node), node.output.tensor.dtype.size_bytes
        (batch, in_depth, in_height, *in_row), (_, out_depth, out_height, *out_row) = (
            volume_dims(operand.dims) for operand in (node.input(0), node.output)
        )
        return {
            "batch": batch,
            "in_depth": in_depth,
            "in_height": in_height,
            "in_row_bytes": element_bytes * math.prod(in_row),
            "out_depth": out_depth,
            "out_height": out_height,
            "out_row_bytes": element_bytes * math.prod(out_row),
            "kernel_depth": operator.kernel_dims[0],
            "kernel_height": operator.kernel_dims[1],
            "stride_depth": operator.stride_dims[0],
            "stride_height": operator.stride_dims[1],
            "dilation_depth": operator.dilation_dims[0],
            "dilation_height": operator.dilation_dims[1],
            "pad_front": operator.padding[0],
            "pad_top": operator.padding[1],
        }
