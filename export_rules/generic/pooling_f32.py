# SPDX-License-Identifier: Apache-2.0
"""Pooling of float32: one output row a call, or one input row where the windows reach over the whole height."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from export_rules.generic import generic
from export_rules.generic.float32 import IMAGE_F32, ROW_F32, SEQUENCE_F32, limits_fields
from export_rules.generic.pooling import cannot_fold
from export_rules.generic.rows import sliding
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Fold, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Activation, AveragePooling2D, LpPooling2D, MaxPooling2D, as_2d
from sconnx.graph.params import Params

IMAGES = ImplSpec(inputs=(IMAGE_F32,), outputs=(IMAGE_F32,))
SEQUENCES = ImplSpec(inputs=(SEQUENCE_F32,), outputs=(SEQUENCE_F32,))
IMAGES_TO_A_ROW = ImplSpec(inputs=(IMAGE_F32,), outputs=(ROW_F32,))
Pooling = AveragePooling2D | MaxPooling2D | LpPooling2D


class _Pooling2DRowsF32(Implementation):
    header = "sx_pooling2d_f32.h"
    params_type = "sx_pooling2d_f32_params"

    def access(self, node: ExportNode) -> Window | Fold:
        return sliding(cast(Pooling, as_2d(node.operator)))

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(Pooling, as_2d(node.operator))
        counts_padding = isinstance(operator, AveragePooling2D) and operator.count_include_pad
        activation = Activation.NONE if isinstance(operator, LpPooling2D) else operator.activation
        return {
            "limits": limits_fields(activation),
            "in_width": node.input(0).width,
            "channels": node.input(0).channels,
            "out_width": node.output.width,
            "kernel_height": operator.kernel_dims[0],
            "kernel_width": operator.kernel_dims[1],
            "stride_width": operator.stride_dims[1],
            "dilation_width": operator.dilation_dims[1],
            "pad_left": operator.padding[1],
            "divisor": float(math.prod(operator.kernel_dims) if counts_padding else 0),
        }


class _Pooling2DFoldF32(_Pooling2DRowsF32):
    def reject(self, node: ExportNode) -> str | None:
        return cannot_fold(node, self.scratch_bytes(node))

    def access(self, node: ExportNode) -> Fold:
        return Fold()

    def scratch_bytes(self, node: ExportNode) -> int:
        """A sum or a maximum per output element."""
        return node.output.row_bytes


@generic.register("AveragePooling2D", IMAGES)
@generic.register("AveragePooling1D", SEQUENCES)
class AveragePooling2DRowsF32(_Pooling2DRowsF32):
    def kernel(self, node: ExportNode) -> str:
        return "sx_average_pooling2d_f32"


@generic.register("AveragePooling2D", IMAGES_TO_A_ROW)
class AveragePooling2DFoldF32(_Pooling2DFoldF32):
    def kernel(self, node: ExportNode) -> str:
        return "sx_average_pooling2d_fold_f32"


@generic.register("MaxPooling2D", IMAGES)
@generic.register("MaxPooling1D", SEQUENCES)
class MaxPooling2DRowsF32(_Pooling2DRowsF32):
    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_f32"


@generic.register("MaxPooling2D", IMAGES_TO_A_ROW)
class MaxPooling2DFoldF32(_Pooling2DFoldF32):
    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_fold_f32"


@generic.register("LpPooling2D", IMAGES)
class LpPooling2DRowsF32(_Pooling2DRowsF32):
    header = "sx_lp_pooling2d_f32.h"
    params_type = "sx_lp_pooling2d_f32_params"

    def kernel(self, node: ExportNode) -> str:
        return "sx_lp_pooling2d_f32"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        return {"window": super().pack(node, params), "power": cast(LpPooling2D, node.operator).p}
