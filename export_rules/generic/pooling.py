# SPDX-License-Identifier: Apache-2.0
"""Pooling, one output row a call; that of sequences as that of images of height 1.

Where the windows reach over the whole height, one input row a call: no more than one input row need be there at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from export_rules.generic import IMAGE_S8, ROW_S8, SEQUENCE_S8, generic
from export_rules.generic.quantized import scale, zero_point
from export_rules.generic.rows import sliding
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Fold, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import AveragePooling2D, MaxPooling2D, as_2d
from sconnx.graph.params import Params
from sconnx.reference.pooling import average_pool
from sconnx.reference.requantize import activation_limits

IMAGES = ImplSpec(inputs=(IMAGE_S8,), outputs=(IMAGE_S8,))
SEQUENCES = ImplSpec(inputs=(SEQUENCE_S8,), outputs=(SEQUENCE_S8,))
IMAGES_TO_A_ROW = ImplSpec(inputs=(IMAGE_S8,), outputs=(ROW_S8,))


def row_fields(node: ExportNode, operator: AveragePooling2D | MaxPooling2D) -> dict[str, CValue]:
    return {
        "in_width": node.input(0).width,
        "channels": node.input(0).channels,
        "out_width": node.output.width,
        "kernel_height": operator.kernel_dims[0],
        "kernel_width": operator.kernel_dims[1],
        "stride_width": operator.stride_dims[1],
        "pad_left": operator.padding[1],
    }


def cannot_fold(node: ExportNode, scratch_bytes: int) -> str | None:
    """A reason when a window leaves rows out or reads padding, or when folding needs no less memory than all rows."""
    operator, image = cast(AveragePooling2D | MaxPooling2D, node.operator), node.input(0)
    if operator.kernel_dims[0] != image.height:
        return f"a window of {operator.kernel_dims[0]} rows on an input of {image.height}"
    if operator.padding[0] or operator.padding[2]:
        return "rows of padding"
    if image.row_bytes + scratch_bytes >= image.size:
        return f"one row and the scratch need {image.row_bytes + scratch_bytes} bytes, all rows {image.size}"
    return None


def _dilated(node: ExportNode) -> str | None:
    """A reason when the window leaves elements out."""
    return None if set(node.attribute("dilation_dims")) == {1} else "the window is dilated"


@generic.register("AveragePooling2D", IMAGES)
@generic.register("AveragePooling1D", SEQUENCES)
class AveragePooling2DRows(Implementation):
    header = "sx_average_pooling2d_s8.h"
    params_type = "sx_average_pooling2d_s8"

    def reject(self, node: ExportNode) -> str | None:
        return _dilated(node)

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling2d_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Window | Fold:
        return sliding(cast(AveragePooling2D, as_2d(node.operator)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(AveragePooling2D, as_2d(node.operator))
        average = average_pool(
            node.rule,
            operator.kernel_dims,
            input_scale=scale(params, node.input(0)),
            input_zero_point=zero_point(params, node.input(0)),
            output_scale=scale(params, node.output),
            output_zero_point=zero_point(params, node.output),
            activation=operator.activation.value,
            count_include_pad=operator.count_include_pad,
        )
        one_count = operator.count_include_pad or not any(operator.padding)
        return {
            "factor": Array(average.factors[-1:] if one_count else average.factors),
            "factor_step": int(not one_count),
            "input_zero_point": average.input_zero_point,
            "zero_point": average.output_zero_point,
            "minimum": average.minimum,
            "maximum": average.maximum,
            **row_fields(node, operator),
        }


@generic.register("AveragePooling2D", IMAGES_TO_A_ROW)
class AveragePooling2DFold(AveragePooling2DRows):
    header = "sx_average_pooling2d_fold_s8.h"

    def reject(self, node: ExportNode) -> str | None:
        return _dilated(node) or cannot_fold(node, self.scratch_bytes(node))

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling2d_fold_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Fold:
        return Fold()

    def scratch_bytes(self, node: ExportNode) -> int:
        """An int32 sum per output element."""
        return 4 * node.output.row_bytes


@generic.register("MaxPooling2D", IMAGES)
@generic.register("MaxPooling1D", SEQUENCES)
class MaxPooling2DRows(Implementation):
    header = "sx_max_pooling2d_s8.h"
    params_type = "sx_max_pooling2d_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_s8_exact"

    def access(self, node: ExportNode) -> Window | Fold:
        return sliding(cast(MaxPooling2D, as_2d(node.operator)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(MaxPooling2D, as_2d(node.operator))
        minimum, maximum = activation_limits(
            operator.activation.value, scale(params, node.output), zero_point(params, node.output), node.rule
        )
        return {
            "minimum": minimum,
            "maximum": maximum,
            **row_fields(node, operator),
            "dilation_width": operator.dilation_dims[1],
        }


@generic.register("MaxPooling2D", IMAGES_TO_A_ROW)
class MaxPooling2DFold(MaxPooling2DRows):
    header = "sx_max_pooling2d_fold_s8.h"

    def reject(self, node: ExportNode) -> str | None:
        return cannot_fold(node, self.scratch_bytes(node))

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_fold_s8_exact"

    def access(self, node: ExportNode) -> Fold:
        return Fold()

    def scratch_bytes(self, node: ExportNode) -> int:
        """A maximum per output element."""
        return node.output.row_bytes
