# SPDX-License-Identifier: Apache-2.0
"""Which tensors are the same bytes: aliases, and the parts of concatenations and splits that need no copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sconnx.export.access import Alias, Parts
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Computed, Constant
from sconnx.memory.meminfo import Relation


@dataclass(frozen=True, slots=True)
class Sharing:
    """Tensors that share bytes form a group, named by its root.

    Args:
        root_of: for every graph input and output of a node, the root of its group and its offset there in bytes.
        relations: why a tensor that is no root lies where it lies.
        copied_nowhere: nodes without a call, because their outputs are where they must be.
    """

    root_of: Mapping[int, tuple[int, int]]
    relations: Mapping[int, Relation]
    copied_nowhere: frozenset[int]

    def members(self) -> dict[int, list[int]]:
        """The tensors of each group, by its root."""
        groups: dict[int, list[int]] = {}
        for tensor, (root, _) in sorted(self.root_of.items()):
            groups.setdefault(root, []).append(tensor)
        return groups


def find_sharing(lowered: Lowered) -> Sharing:
    """All aliases, and all parts that can lie in place."""
    graph = lowered.graph
    relations: dict[int, Relation] = {}
    uncalled = set()
    for index, (node, choice) in enumerate(zip(graph.nodes, lowered.choices, strict=True)):
        if isinstance(choice.access, Alias):
            relations[node.outputs[0]] = Relation(kind="alias", of=node.reads[0])
        elif not isinstance(choice.access, Parts):
            continue
        elif len(node.outputs) > 1:
            if isinstance(graph.tensors[node.reads[0]], Constant):
                continue
            relations |= _parts(lowered, node.outputs, node.reads[0])
        elif _may_lie_in_place(lowered, node.reads, relations):
            relations |= _parts(lowered, node.reads, node.outputs[0])
        else:
            continue
        uncalled.add(index)
    # Tensors between the members of a MetaOperator are its kernel's own affair.
    tensors = sorted((*graph.given, *(tensor for node in graph.nodes for tensor in node.outputs)))
    return Sharing({tensor: _root(tensor, relations) for tensor in tensors}, relations, frozenset(uncalled))


def _parts(lowered: Lowered, parts: tuple[int, ...], whole: int) -> dict[int, Relation]:
    offset_bytes = 0
    relations = {}
    for part in parts:
        relations[part] = Relation(kind="part", of=whole, offset_bytes=offset_bytes)
        offset_bytes += lowered.graph.tensors[part].size_bytes
    return relations


def _may_lie_in_place(lowered: Lowered, parts: tuple[int, ...], relations: Mapping[int, Relation]) -> bool:
    """Whether every part is written by a node, for this concatenation alone, and nobody else says where it must be."""
    graph = lowered.graph
    others = {relation.of for relation in relations.values()}
    return len(set(parts)) == len(parts) and all(
        isinstance(graph.tensors[part], Computed)
        and part not in relations
        and part not in others
        and part not in graph.kept
        for part in parts
    )


def _root(tensor: int, relations: Mapping[int, Relation]) -> tuple[int, int]:
    offset_bytes = 0
    while tensor in relations:
        offset_bytes += relations[tensor].offset_bytes
        tensor = relations[tensor].of
    return tensor, offset_bytes
