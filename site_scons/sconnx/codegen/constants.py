# SPDX-License-Identifier: Apache-2.0
"""Which values are arrays of their own; the others are packed into parameters."""

from __future__ import annotations

from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant, State, Tensor


def starts_at_zero(tensor: Tensor) -> bool:
    return isinstance(tensor, State) and tensor.starts_at_zero


def row_constants(lowered: Lowered) -> tuple[int, ...]:
    """Constants that are read as rows or are graph outputs, and states that do not start at zero, for their first values."""
    graph = lowered.graph
    wanted = {tensor for tensor in graph.outputs if isinstance(graph.tensors[tensor], Constant)}
    wanted |= {update.state for update in graph.states if not starts_at_zero(graph.tensors[update.state])}
    for node, choice in zip(graph.nodes, lowered.choices, strict=True):
        for position in choice.operands:
            tensor = node.inputs[position]
            if tensor is not None and isinstance(graph.tensors[tensor], Constant):
                wanted.add(tensor)
    return tuple(sorted(wanted))
