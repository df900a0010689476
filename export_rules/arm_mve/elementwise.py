# SPDX-License-Identifier: Apache-2.0
"""Add: the parameters of lib `generic`, four elements at a time."""

from __future__ import annotations

from export_rules.arm_mve import MVE, arm_mve
from export_rules.generic import S8
from export_rules.generic.elementwise import AddElementwise
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec


@arm_mve.register("Add", ImplSpec(inputs=(S8, S8), outputs=(S8,), features=MVE))
class AddElementwiseMve(AddElementwise):
    header = "sx_add_s8_mve.h"

    def kernel(self, node: ExportNode) -> str:
        return f"sx_add_s8_mve_{node.rule.value}"
