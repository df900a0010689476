# SPDX-License-Identifier: Apache-2.0
"""explain: graph.json -> explain.json: the candidates of one node, the one that it got, and the reasons against the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sconnx.errors import SconnxError
from sconnx.export.lower import lower
from sconnx.export.lowered import Lowered
from sconnx.export.node import export_node
from sconnx.export.selection import first_fit, verdicts
from sconnx.graph.json_form import read_graph, to_bytes
from sconnx.project.nearest import nearest
from sconnx.steps.rules import load_target_libs

SCHEMA = "sconnx.explain/1"
BEHIND = "not asked: an earlier one fits"


def _indices(lowered: Lowered, wanted: str) -> list[int]:
    """The nodes with a name, or the node at a position. Raises SconnxError E203 when there is none."""
    nodes = lowered.graph.nodes
    found = [index for index, node in enumerate(nodes) if node.name == wanted or str(index) == wanted]
    if not found:
        names = tuple(dict.fromkeys(node.name for node in nodes))
        raise SconnxError(
            "E203",
            f"no node is called {wanted!r}",
            where=lowered.graph.name,
            help=f"give a name or a position from 0 to {len(nodes) - 1}; {nearest(wanted, names)}",
        )
    return found


def run(options: Mapping[str, Any], inputs: Sequence[Path]) -> tuple[bytes, ...]:
    cpu, libs = load_target_libs(options)
    features = frozenset(cpu.features)
    lowered = lower(read_graph(inputs[0]), cpu.name, libs, features)
    nodes = []
    for index in _indices(lowered, options["node"]):
        node = export_node(lowered.graph, index)
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
                "kernel": lowered.choices[index].kernel,
                "candidates": [
                    {"implementation": verdict.name, "verdict": BEHIND if i > position else verdict.reason or "fits"}
                    for i, verdict in enumerate(found)
                ],
            }
        )
    return (to_bytes({"schema": SCHEMA, "target": cpu.name, "nodes": nodes}),)
