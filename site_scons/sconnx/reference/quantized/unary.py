# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators of one tensor: tables."""

from __future__ import annotations

from sconnx.reference.lookup import lookup, table_of, tabulated
from sconnx.reference.quantized.registry import quantized
from sconnx.reference.run import Int8Array, Run


@quantized(*tabulated())
def by_table(run: Run) -> Int8Array:
    return lookup(run.int8(0), table_of(run.node.operator, run.rule, **run.scales))
