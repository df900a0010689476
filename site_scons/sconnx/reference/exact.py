# SPDX-License-Identifier: Apache-2.0
"""Which results have one right value, and which depend on the order of additions and on the last bits of a function.

Integer arithmetic has one right value, and so has what is moved, chosen, converted or rounded to an integer. Sums, products and
functions of float32 numbers are right within a tolerance (report/closeness.py).
"""

from __future__ import annotations

from sconnx.graph.graph import Graph
from sconnx.graph.node import Node, expand
from sconnx.graph.tensor import DType

CHOOSING = frozenset(
    (
        *("Reshape", "Transpose", "Concat", "Split", "Pad", "Pad1D", "Pad2D", "Slice", "Tile", "BroadcastTo", "Where"),
        *("Gather", "GatherElements", "GatherND", "ScatterND", "DepthToSpace", "SpaceToDepth", "Cast", "Quantize"),
        *("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "ReduceMax", "ReduceMin", "Minimum", "Maximum", "TopK"),
        *("Relu", "Relu6", "Clip", "Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "ArgMax", "ArgMin", "Hardmax"),
    )
)
"""Operators whose float32 results are elements of the inputs, or these with another sign, or whole numbers."""


def computes_float(graph: Graph, node: Node) -> bool:
    """Whether a node's results may rightly differ in the last bits even though its inputs do not."""
    return any(
        single.type not in CHOOSING and any(graph.tensors[tensor].dtype is DType.FLOAT32 for tensor in single.reads)
        for single in expand(node)
    )


def exact_tensors(graph: Graph) -> frozenset[int]:
    """Tensors that no float32 arithmetic is before: given equal inputs of the graph, they have one right value."""
    inexact: set[int] = set()
    while True:
        known = len(inexact)
        inexact.update(update.state for update in graph.states if update.next in inexact)
        for node in graph.nodes:
            if computes_float(graph, node) or not inexact.isdisjoint(node.reads):
                inexact.update(node.outputs)
        if len(inexact) == known:
            return frozenset(range(len(graph.tensors))) - inexact
