# SPDX-License-Identifier: Apache-2.0
"""Which constants are arrays of their own; the others are packed into parameters."""

from __future__ import annotations

from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant


def row_constants(lowered: Lowered) -> tuple[int, ...]:
    """Constants that are read as rows or are graph outputs."""
    graph = lowered.graph
    wanted = {tensor for tensor in graph.outputs if isinstance(graph.tensors[tensor], Constant)}
    for node, choice in zip(graph.nodes, lowered.choices, strict=True):
        for position in choice.operands:
            tensor = node.inputs[position]
            if tensor is not None and isinstance(graph.tensors[tensor], Constant):
                wanted.add(tensor)
    return tuple(sorted(wanted))
