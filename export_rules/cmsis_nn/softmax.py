# SPDX-License-Identifier: Apache-2.0
"""Softmax by `arm_softmax_s8`. It writes an element after it last read it: it may run in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.cmsis_nn import S8, cmsis_nn, rounds_otherwise
from export_rules.generic.quantized import scale
from export_rules.generic.softmax import LARGEST_DEPTH
from sconnx.codegen.c_value import CValue
from sconnx.export.access import Elementwise
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Softmax
from sconnx.graph.params import Params
from sconnx.reference.exponential import input_scaling

INTEGER_BITS = 5
"""Of the scaled differences to the maximum: Q5.26, as in `sconnx.reference.softmax`."""


@cmsis_nn.register("Softmax", ImplSpec(inputs=(S8,), outputs=(S8,)))
class SoftmaxRows(Implementation):
    header = "sx_cmsis_softmax_s8.h"
    params_type = "sx_cmsis_softmax_s8_params"

    def reject(self, node: ExportNode) -> str | None:
        depth = node.output.dims[-1]
        too_deep = f"{depth} classes, the limit is {LARGEST_DEPTH}" if depth > LARGEST_DEPTH else None
        return rounds_otherwise(node) or too_deep

    def kernel(self, node: ExportNode) -> str:
        return "sx_cmsis_softmax_s8"

    def access(self, node: ExportNode) -> Elementwise:
        return Elementwise()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        beta = cast(Softmax, node.operator).beta
        factor = float(np.float32(beta)) * float(np.float32(scale(params, node.input(0))))
        multiplier, shift, radius = input_scaling(factor, INTEGER_BITS)
        depth = node.output.dims[-1]
        return {
            "rows": node.output.size // depth,
            "depth": depth,
            "multiplier": multiplier,
            "shift": shift,
            "smallest_difference": -radius,
        }
