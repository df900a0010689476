# SPDX-License-Identifier: Apache-2.0
"""Convolutions and fully connected layers: the parameters of lib `generic`, the products four at a time."""

from __future__ import annotations

from dataclasses import replace

from export_rules.arm_dsp import DSP, arm_dsp
from export_rules.generic.convolution import IMAGES, SEQUENCES, Conv2DRows, PaddedConv2DRows
from export_rules.generic.fully_connected import SPEC, FullyConnectedWhole
from sconnx.export.node import ExportNode


@arm_dsp.register("Conv2D", replace(IMAGES, features=DSP))
@arm_dsp.register("Conv1D", replace(SEQUENCES, features=DSP))
class Conv2DRowsDsp(Conv2DRows):
    header = "sx_conv2d_s8_dsp.h"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_conv2d_s8_dsp_{node.rule.value}"


@arm_dsp.register("PaddedConv2D", replace(IMAGES, features=DSP))
class PaddedConv2DRowsDsp(PaddedConv2DRows):
    header = Conv2DRowsDsp.header
    kernel = Conv2DRowsDsp.kernel


@arm_dsp.register("FullyConnected", replace(SPEC, features=DSP))
class FullyConnectedWholeDsp(FullyConnectedWhole):
    header = "sx_fully_connected_s8_dsp.h"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_fully_connected_s8_dsp_{node.rule.value}"
