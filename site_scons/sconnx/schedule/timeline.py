# SPDX-License-Identifier: Apache-2.0
"""An order of the nodes with what is alive when: the ground on which segments are chosen.

Positions count the entries of the order; an entry is a node, or the application where it pushes rows. Groups of tensors that
share bytes (schedule/sharing.py) are alive from the entry that first writes them to the last that reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant
from sconnx.schedule.calls import APPLICATION, NodeCalls, node_calls, pushed_rows
from sconnx.schedule.sharing import Sharing

ALIGNMENT_BYTES = 4
"""Of every buffer at least: kernels may go through int8 in words, and scratch buffers hold words."""


def aligned(size_bytes: int) -> int:
    """The size rounded up to what every buffer is aligned to."""
    return -(-size_bytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES


@dataclass(frozen=True, slots=True)
class Group:
    """Bytes that one or more tensors share.

    Args:
        tensors: the members; the first is the root.
        first: position of the entry that writes it first; -1: a graph input or a state, there from the start.
        last: position of the last entry that reads or writes it; the number of entries: it is needed after the run.
    """

    tensors: tuple[int, ...]
    size_bytes: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries in order, and the groups of tensors between them.

    Args:
        calls: per entry; None for a node without a call.
        reads, writes: per entry the roots of the groups it touches.
        root_of: the group of a tensor.
        groups: by root.
        alive_bytes: alive_bytes[p] is what lives between entry p - 1 and entry p.
    """

    lowered: Lowered
    order: tuple[int, ...]
    calls: tuple[NodeCalls | None, ...]
    reads: tuple[frozenset[int], ...]
    writes: tuple[frozenset[int], ...]
    root_of: Mapping[int, int]
    groups: Mapping[int, Group]
    alive_bytes: tuple[int, ...]
    pushed: int | None = None
    scratch_bytes: Mapping[int, int] = field(default_factory=dict)


def pushed_tensor(lowered: Lowered) -> int:
    """What the application pushes row by row: the graph's input, or the last of its aliases in a chain of single readers."""
    graph = lowered.graph
    (tensor,) = graph.inputs
    while True:
        readers = [index for index, node in enumerate(graph.nodes) if tensor in node.reads]
        if len(readers) != 1 or lowered.choices[readers[0]].access.kind != "alias" or tensor in graph.kept:
            return tensor
        tensor = graph.nodes[readers[0]].outputs[0]


def with_application(lowered: Lowered, order: Sequence[int]) -> tuple[int, ...]:
    """The order with the application's entry right behind the node that makes the tensor it pushes, if any."""
    tensor = pushed_tensor(lowered)
    before = [node for node in order if tensor in lowered.graph.nodes[node].outputs]
    aliases = _alias_chain(lowered, tensor) if before else []
    return (*aliases, APPLICATION, *(node for node in order if node not in aliases))


def _alias_chain(lowered: Lowered, tensor: int) -> list[int]:
    """The nodes between the graph's input and its alias, in order."""
    chain: list[int] = []
    while tensor not in lowered.graph.inputs:
        index = next(index for index, node in enumerate(lowered.graph.nodes) if tensor in node.outputs)
        chain.insert(0, index)
        tensor = lowered.graph.nodes[index].reads[0]
    return chain


def timeline(lowered: Lowered, order: Sequence[int], sharing: Sharing, kept: frozenset[int]) -> Timeline:
    """The order's timeline.

    Args:
        order: nodes, and APPLICATION where the application pushes rows.
        kept: tensors that are needed after the run.
    """
    graph = lowered.graph
    pushed = pushed_tensor(lowered) if APPLICATION in order else None
    calls: list[NodeCalls | None] = []
    reads: list[frozenset[int]] = []
    writes: list[frozenset[int]] = []
    for node in order:
        if node == APPLICATION:
            assert pushed is not None
            calls.append(pushed_rows(lowered, pushed))
            # Aliases of the input come before its first row: they touch nothing.
            reads = [frozenset()] * len(calls)
            writes = [*[frozenset[int]()] * (len(calls) - 1), frozenset((sharing.root_of[pushed][0],))]
            continue
        without_call = node in sharing.copied_nowhere
        calls.append(None if without_call else node_calls(lowered, node))
        touched = [tensor for tensor in graph.nodes[node].reads if not isinstance(graph.tensors[tensor], Constant)]
        reads.append(frozenset(sharing.root_of[tensor][0] for tensor in touched))
        writes.append(frozenset(sharing.root_of[tensor][0] for tensor in graph.nodes[node].outputs))
    present = frozenset(graph.given) - ({sharing.root_of[pushed][0]} if pushed is not None else frozenset())
    groups = _groups(lowered, sharing, reads, writes, present, kept)
    change = [0] * (len(order) + 2)
    for group in groups.values():
        change[group.first + 1] += group.size_bytes
        change[group.last + 1] -= group.size_bytes
    return Timeline(
        lowered=lowered,
        order=tuple(order),
        calls=tuple(calls),
        reads=tuple(reads),
        writes=tuple(writes),
        root_of={tensor: root for tensor, (root, _) in sharing.root_of.items()},
        groups=groups,
        alive_bytes=tuple(accumulate(change))[: len(order) + 1],
        pushed=pushed,
        scratch_bytes={
            node: aligned(choice.scratch_bytes) for node, choice in enumerate(lowered.choices) if choice.scratch_bytes
        },
    )


def _groups(
    lowered: Lowered,
    sharing: Sharing,
    reads: Sequence[frozenset[int]],
    writes: Sequence[frozenset[int]],
    present: frozenset[int],
    kept: frozenset[int],
) -> dict[int, Group]:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for tensor in present:
        first[sharing.root_of[tensor][0]] = last[sharing.root_of[tensor][0]] = -1
    for position, (read, written) in enumerate(zip(reads, writes, strict=True)):
        for root in read | written:
            first.setdefault(root, position)
            last[root] = position
    for tensor in kept:
        last[sharing.root_of[tensor][0]] = len(reads)
    groups = {}
    for root, members in sharing.members().items():
        size_bytes = aligned(lowered.graph.tensors[root].size_bytes)
        others = tuple(tensor for tensor in members if tensor != root)
        groups[root] = Group((root, *others), size_bytes, first[root], max(last[root], 0))
    return groups
