# SPDX-License-Identifier: Apache-2.0
"""explain: graph.json -> explain.json: the candidates of one node, the one it got, if any, and the reasons against others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.export.library import ExportLib
from sconnx.export.lower import attempt, lower
from sconnx.export.lowered import Choice
from sconnx.export.node import export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.graph.graph import Graph
from sconnx.graph.json_form import read_graph, to_bytes
from sconnx.project.nearest import nearest
from sconnx.steps.rules import load_target_libs

SCHEMA = "sconnx.explain/1"
BEHIND = "not asked: an earlier one fits"


def _lowered(
    graph: Graph, target: str, libs: Sequence[ExportLib], features: frozenset[str]
) -> tuple[Graph, Sequence[Choice | None]]:
    """The lowered graph; where nodes have no implementation, as far as it gets."""
    try:
        lowered = lower(graph, target, libs, features)
    except SconnxError:
        return attempt(graph, target, libs, features)[:2]
    return lowered.graph, lowered.choices


def _indices(graph: Graph, wanted: str) -> list[int]:
    """The nodes with a name, or the node at a position. Raises SconnxError E203 when there is none."""
    nodes = graph.nodes
    found = [index for index, node in enumerate(nodes) if node.name == wanted or str(index) == wanted]
    if not found:
        names = tuple(dict.fromkeys(node.name for node in nodes))
        raise SconnxError(
            "E203",
            f"no node is called {wanted!r}",
            where=graph.name,
            help=f"give a name or a position from 0 to {len(nodes) - 1}; {nearest(wanted, names)}",
        )
    return found


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    cpu, libs = load_target_libs(options)
    features = frozenset(cpu.features)
    graph, choices = _lowered(read_graph(inputs[0]), cpu.name, libs, features)
    nodes = []
    for index in _indices(graph, options["node"]):
        node, choice = export_node(graph, index), choices[index]
        found = verdicts(node, libs, features)
        taken = first_fit(found)
        position = found.index(taken) if taken else len(found)
        nodes.append(
            {
                "node": index,
                "name": node.name,
                "operator": node.type,
                "members": [member.type for member in node.members.values()],
                "taken": taken.name if taken else None,
                "kernel": choice.kernel if choice else "",
                "candidates": [
                    {"implementation": verdict.name, "verdict": BEHIND if i > position else verdict.reason or "fits"}
                    for i, verdict in enumerate(found)
                ],
            }
        )
    return (to_bytes({"schema": SCHEMA, "target": cpu.name, "nodes": nodes}),)
