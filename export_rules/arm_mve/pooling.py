# SPDX-License-Identifier: Apache-2.0
"""Pooling: the parameters of lib `generic`, all channels of a pixel at a time."""

from __future__ import annotations

from dataclasses import replace

from export_rules.arm_mve import MVE, arm_mve
from export_rules.generic.pooling import (
    IMAGES,
    IMAGES_TO_A_ROW,
    SEQUENCES,
    AveragePooling2DFold,
    AveragePooling2DRows,
    MaxPooling2DFold,
    MaxPooling2DRows,
)
from sconnx.export.node import ExportNode


@arm_mve.register("AveragePooling2D", replace(IMAGES, features=MVE))
@arm_mve.register("AveragePooling1D", replace(SEQUENCES, features=MVE))
class AveragePooling2DRowsMve(AveragePooling2DRows):
    header = "sx_average_pooling2d_s8_mve.h"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling2d_s8_mve_{node.rule.value}"


@arm_mve.register("AveragePooling2D", replace(IMAGES_TO_A_ROW, features=MVE))
class AveragePooling2DFoldMve(AveragePooling2DFold):
    header = AveragePooling2DRowsMve.header

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling2d_fold_s8_mve_{node.rule.value}"


@arm_mve.register("MaxPooling2D", replace(IMAGES, features=MVE))
@arm_mve.register("MaxPooling1D", replace(SEQUENCES, features=MVE))
class MaxPooling2DRowsMve(MaxPooling2DRows):
    header = "sx_max_pooling2d_s8_mve.h"

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_s8_mve_exact"


@arm_mve.register("MaxPooling2D", replace(IMAGES_TO_A_ROW, features=MVE))
class MaxPooling2DFoldMve(MaxPooling2DFold):
    header = MaxPooling2DRowsMve.header

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_fold_s8_mve_exact"
