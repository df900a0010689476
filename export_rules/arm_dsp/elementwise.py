# SPDX-License-Identifier: Apache-2.0
"""Add, Sub and Mul: the parameters of lib `generic`, four elements at a time."""

from __future__ import annotations

from dataclasses import replace

from export_rules.arm_dsp import DSP, arm_dsp
from export_rules.generic.elementwise import BINARY, AddElementwise, MulElementwise, SubElementwise
from sconnx.export.node import ExportNode
from sconnx.reference.rule import Rule


@arm_dsp.register("Add", replace(BINARY, features=DSP))
class AddElementwiseDsp(AddElementwise):
    header = "sx_sum_s8_dsp.h"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_{node.type.lower()}_s8_dsp_{node.rule.value}"


@arm_dsp.register("Sub", replace(BINARY, features=DSP))
class SubElementwiseDsp(SubElementwise):
    header = AddElementwiseDsp.header
    kernel = AddElementwiseDsp.kernel


@arm_dsp.register("Mul", replace(BINARY, features=DSP))
class MulElementwiseDsp(MulElementwise):
    header = "sx_mul_s8_dsp.h"
    kernel = AddElementwiseDsp.kernel

    def reject(self, node: ExportNode) -> str | None:
        if node.rule is not Rule.TFLITE:
            return "rule onnx needs float arithmetic"
        return super().reject(node)
