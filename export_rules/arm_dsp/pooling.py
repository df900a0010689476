# SPDX-License-Identifier: Apache-2.0
"""Poolings: the parameters of lib `generic`, four channels at a time."""

from __future__ import annotations

from dataclasses import replace

from export_rules.arm_dsp import DSP, arm_dsp
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

HEADER = "sx_pooling2d_s8_dsp.h"


@arm_dsp.register("AveragePooling2D", replace(IMAGES, features=DSP))
@arm_dsp.register("AveragePooling1D", replace(SEQUENCES, features=DSP))
class AveragePooling2DRowsDsp(AveragePooling2DRows):
    header = HEADER

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling2d_s8_dsp_{node.rule.value}"


@arm_dsp.register("AveragePooling2D", replace(IMAGES_TO_A_ROW, features=DSP))
class AveragePooling2DFoldDsp(AveragePooling2DFold):
    header = HEADER

    def kernel(self, node: ExportNode) -> str:
        return f"sx_average_pooling2d_fold_s8_dsp_{node.rule.value}"


@arm_dsp.register("MaxPooling2D", replace(IMAGES, features=DSP))
@arm_dsp.register("MaxPooling1D", replace(SEQUENCES, features=DSP))
class MaxPooling2DRowsDsp(MaxPooling2DRows):
    header = HEADER

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_s8_dsp_exact"


@arm_dsp.register("MaxPooling2D", replace(IMAGES_TO_A_ROW, features=DSP))
class MaxPooling2DFoldDsp(MaxPooling2DFold):
    header = HEADER

    def kernel(self, node: ExportNode) -> str:
        return "sx_max_pooling2d_fold_s8_dsp_exact"
