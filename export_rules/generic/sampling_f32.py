# SPDX-License-Identifier: Apache-2.0
"""Reading float32 images at given places."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import numpy as np

from export_rules.generic import F32, generic
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import GridSample, Interpolation, Outside
from sconnx.graph.params import Params

_TAPS = {Interpolation.NEAREST: 1, Interpolation.LINEAR: 2, Interpolation.CUBIC: 4}


@generic.register("GridSample", ImplSpec(inputs=(F32, F32), outputs=(F32,)))
class GridSampleWhole(Implementation):
    header = "sx_grid_sample_f32.h"
    params_type = "sx_grid_sample_f32"

    def kernel(self, node: ExportNode) -> str:
        return "sx_grid_sample_f32_whole"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def operands(self, node: ExportNode) -> tuple[int, ...]:
        return (0, 1)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        operator, x = cast(GridSample, node.operator), node.input(0).dims
        return {
            "sizes": Array(np.array(x[1:-1], np.int32)),
            "rank": len(x) - 2,
            "images": x[0],
            "channels": x[-1],
            "places": math.prod(node.output.dims[1:-1]),
            "taps": _TAPS[operator.interpolation],
            "is_zero_outside": int(operator.outside is Outside.ZEROS),
            "is_mirrored": int(operator.outside is Outside.REFLECTION),
            "align_corners": int(operator.align_corners),
        }
