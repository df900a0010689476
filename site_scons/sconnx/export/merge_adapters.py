# SPDX-License-Identifier: Apache-2.0
"""Adapters that are one too many: a transpose that undoes the one before it, and a conversion that another node has made already.

Quantize and Dequantize in a row stay, for the first one rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sconnx.graph.graph import Graph
from sconnx.graph.node import Node
from sconnx.graph.operator import Operator, Transpose
from sconnx.graph.tensor import Tensor

Conversion = tuple[Operator, int]
"""An operator and the tensor that it reads."""


def merge_adapters(graph: Graph, adapters: frozenset[int]) -> tuple[Graph, tuple[int, ...]]:
    """The graph without the adapters that it does not need, and which nodes are left.

    Args:
        adapters: positions of the nodes that lowering added.
    """
    nodes = list(_rewired(graph, adapters))
    needed = set(graph.kept)
    left: list[int] = []
    for position in reversed(range(len(nodes))):
        if position not in adapters or needed.intersection(nodes[position].outputs):
            needed.update(nodes[position].reads)
            left.append(position)
    left.reverse()
    return replace(graph, nodes=tuple(nodes[position] for position in left)), tuple(left)


def _rewired(graph: Graph, adapters: frozenset[int]) -> Iterator[Node]:
    """The nodes, each reading what was there first of the tensors that are the same."""
    same: dict[int, int] = {}
    made_by: dict[int, Conversion] = {}
    made: dict[Conversion, int] = {}
    for position, node in enumerate(graph.nodes):
        node = replace(
            node, inputs=tuple(None if tensor is None else same.get(tensor, tensor) for tensor in node.inputs)
        )
        yield node
        if position not in adapters:
            continue
        y, conversion = node.outputs[0], (node.operator, node.reads[0])
        before = made_by.get(node.reads[0])
        known = made.setdefault(conversion, y)
        made_by[y] = conversion
        if y in graph.kept:
            continue
        if before is not None and _undoes(node.operator, before[0]) and _alike(graph.tensors, before[1], y):
            same[y] = before[1]
        elif known != y and _alike(graph.tensors, known, y):
            same[y] = known


def _undoes(second: Operator, first: Operator) -> bool:
    if not isinstance(first, Transpose) or not isinstance(second, Transpose):
        return False
    return [first.permutation[axis] for axis in second.permutation] == list(range(len(first.permutation)))


def _alike(tensors: Sequence[Tensor], first: int, second: int) -> bool:
    """Whether an implementation cannot tell them apart."""
    a, b = tensors[first], tensors[second]
    return (a.dtype, a.dims, a.data_format, a.quantization) == (b.dtype, b.dims, b.data_format, b.quantization)
