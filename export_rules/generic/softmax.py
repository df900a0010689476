# SPDX-License-Identifier: Apache-2.0
"""Softmax over the last dimension, by a table of exponentials made at build time; images one row a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from export_rules.generic import S8, generic
from export_rules.generic.quantized import float_bits, scale, zero_point
from export_rules.generic.rows import element_by_element, elements_a_call
from sconnx.codegen.c_value import Array, CValue
from sconnx.export.access import Elementwise, Window
from sconnx.export.library import Implementation
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.operator import Softmax
from sconnx.graph.params import Params
from sconnx.reference.softmax import FixedPointSoftmax, FloatSoftmax, softmax

LARGEST_DEPTH = 4095

LEAST = {FixedPointSoftmax: 1 << 11, FloatSoftmax: 1}
"""The least entries that are not as good as 0: see kernels/generic/sx_softmax_s8.h. Bits of floats are in the order of these."""


def stored_exponentials(softmax_: FixedPointSoftmax | FloatSoftmax) -> NDArray[np.int32]:
    """The table up to its last entry that counts."""
    table = softmax_.exponentials
    return table[: np.flatnonzero(table >= LEAST[type(softmax_)])[-1] + 1]


@generic.register("Softmax", ImplSpec(inputs=(S8,), outputs=(S8,)))
class SoftmaxRows(Implementation):
    header = "sx_softmax_s8.h"
    params_type = "sx_softmax_s8"

    def reject(self, node: ExportNode) -> str | None:
        depth = node.output.dims[-1]
        return f"{depth} classes, the limit is {LARGEST_DEPTH}" if depth > LARGEST_DEPTH else None

    def kernel(self, node: ExportNode) -> str:
        return f"sx_softmax_s8_{node.rule.value}"

    def access(self, node: ExportNode) -> Window | Elementwise:
        return element_by_element(node)

    def pack(self, node: ExportNode, params: Params) -> Mapping[str, CValue]:
        output_scale, output_zero_point = scale(params, node.output), zero_point(params, node.output)
        derived = softmax(
            node.rule,
            input_scale=scale(params, node.input(0)),
            output_scale=output_scale,
            output_zero_point=output_zero_point,
            beta=cast(Softmax, node.operator).beta,
        )
        depth, table = node.output.dims[-1], stored_exponentials(derived)
        return {
            "exp_table": Array(table),
            "entries": table.size,
            "rows": elements_a_call(node) // depth,
            "depth": depth,
            "output_scale": float_bits(output_scale),
            "zero_point": output_zero_point,
        }
