# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of one tensor: tables."""

from __future__ import annotations

from sconnx.graph.operator import Relu, Relu6, Requantize, Sigmoid, Tanh
from sconnx.reference.lookup import lookup, table_of
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Int8Array, Run


@quantized(Relu, Relu6, Requantize, Sigmoid, Tanh)
def by_table(run: Run) -> Int8Array:
    return lookup(run.int8(0), table_of(run.node.type, run.rule, **run.scales))
