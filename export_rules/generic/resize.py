# SPDX-License-Identifier: Apache-2.0
"""Bilinear interpolation of int8 images, by the rule of TFLite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import S8, generic
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Interpolation, Resize
from sconnx.graph.params import Params
from sconnx.reference.interpolation import COORDINATES, line
from sconnx.reference.rule import Rule


@generic.register("Resize", ImplSpec(inputs=(S8,), outputs=(S8,)))
class ResizeBilinear(Implementation):
    header = "sx_resize_bilinear_s8.h"
    params_type = "sx_resize_bilinear_s8"

    def reject(self, node: ExportNode) -> str | None:
        operator, dims = cast(Resize, node.operator), node.input(0).dims
        if node.rule is not Rule.TFLITE:
            return "only by the rule of TFLite"
        if operator.interpolation is not Interpolation.LINEAR or operator.coordinates not in COORDINATES:
            return f"{operator.interpolation.value} interpolation with coordinates {operator.coordinates.value}"
        if len(dims) != 4 or (dims[0], dims[3]) != (node.output.dims[0], node.output.dims[3]):
            return "other dimensions than height and width change"
        return None

    def kernel(self, node: ExportNode) -> str:
        return "sx_resize_bilinear_s8_tflite"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator = cast(Resize, node.operator)
        (batch, in_height, in_width, channels), (_, out_height, out_width, _) = node.input(0).dims, node.output.dims
        rows = line(in_height, out_height, operator.coordinates)
        columns = line(in_width, out_width, operator.coordinates)
        return {
            "row_places": Array(np.stack([rows.low, rows.high], axis=1)),
            "row_weights": Array(rows.weight),
            "column_places": Array(np.stack([columns.low, columns.high], axis=1)),
            "column_weights": Array(columns.weight),
            "batch": batch,
            "in_height": in_height,
            "in_width": in_width,
            "channels": channels,
            "out_height": out_height,
            "out_width": out_width,
        }
