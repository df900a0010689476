# SPDX-License-Identifier: Apache-2.0
"""How TimeDelta is exported: one call for the whole sequence."""

from __future__ import annotations

from collections.abc import Mapping

from export_rules.delta import delta
from export_rules.operators.time_delta import halvings

from sconnx.codegen.c_value import CValue
from sconnx.export.access import Whole
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec, IOSpec
from sconnx.graph.params import Params
from sconnx.graph.tensor import DType

SEQUENCE_S8 = IOSpec(DType.INT8, (1, None, None))


@delta.register("TimeDelta", ImplSpec(inputs=(SEQUENCE_S8,), outputs=(SEQUENCE_S8,)))
class TimeDeltaWhole(Implementation):
    header = "sx_time_delta_s8.h"
    params_type = "sx_time_delta_s8"

    def kernel(self, node: ExportNode) -> str:
        return "sx_time_delta_s8_exact"

    def access(self, node: ExportNode) -> Whole:
        return Whole()

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        x, y = node.input(0), node.output
        shift = halvings(float(params.scale[x.values][0]), float(params.scale[y.values][0]))
        assert shift is not None, "the translation let it through"
        return {
            "frames": x.dims[1],
            "channels": x.dims[2],
            "shift": shift,
            "zero_point": int(params.zero_point[y.values][0]),
        }
