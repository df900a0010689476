# SPDX-License-Identifier: Apache-2.0
"""LogSoftmax and L2Normalization over the last dimension, by the rule of TFLite; images one row a call."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from export_rules.generic import S8, generic
from export_rules.generic.quantized import scale, zero_point
from export_rules.generic.rows import element_by_element, elements_a_call
from export_rules.generic.softmax import LARGEST_DEPTH
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Elementwise, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.params import Params
from sconnx.reference.normalization import log_softmax
from sconnx.reference.rule import Rule

LONGEST = 1 << 15
"""Squares of int8 whose sum fits int32."""


class _Rows(Implementation):
    longest: int

    def reject(self, node: ExportNode) -> str | None:
        if node.rule is not Rule.TFLITE:
            return "only by the rule of TFLite"
        depth = node.output.dims[-1]
        return f"{depth} elements, the limit is {self.longest}" if depth > self.longest else None

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node)


@generic.register("LogSoftmax", ImplSpec(inputs=(S8,), outputs=(S8,)))
class LogSoftmaxRows(_Rows):
    header = "sx_log_softmax_s8.h"
    params_type = "sx_log_softmax_s8"
    longest = LARGEST_DEPTH

    def kernel(self, node: ExportNode) -> str:
        return "sx_log_softmax_s8_tflite"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        derived = log_softmax(scale(params, node.input(0)), scale(params, node.output), zero_point(params, node.output))
        depth = node.output.dims[-1]
        table = derived.exponentials[: np.flatnonzero(derived.exponentials)[-1] + 1]
        return {
            "exp_table": Array(table),
            "entries": table.size,
            "multiplier": derived.factor[0],
            "shift": derived.factor[1],
            "inverse_multiplier": derived.inverse[0],
            "inverse_shift": derived.inverse[1],
            "radius": min(derived.radius, 255),
            "rows": elements_a_call(node) // depth,
            "depth": depth,
        }


@generic.register("L2Normalization", ImplSpec(inputs=(S8,), outputs=(S8,)))
class L2NormalizationRows(_Rows):
    header = "sx_l2_normalization_s8.h"
    params_type = "sx_l2_normalization_s8"
    longest = LONGEST

    def kernel(self, node: ExportNode) -> str:
        return "sx_l2_normalization_s8_tflite"

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        depth = node.output.dims[-1]
        return {
            "rows": elements_a_call(node) // depth,
            "depth": depth,
            "input_zero_point": zero_point(params, node.input(0)),
        }
