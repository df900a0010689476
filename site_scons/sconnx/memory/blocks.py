# SPDX-License-Identifier: Apache-2.0
"""From a schedule to blocks that can be placed: tensors that share bytes as one group, and the rules between groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sconnx.memory.meminfo import MemInfo
from sconnx.memory.placement.problem import Gap
from sconnx.schedule.overlap import Overlap
from sconnx.schedule.schedule import Lifetime, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Tensors that share bytes, or a scratch buffer.

    Args:
        root: the tensor that the others lie in.
        inner_offsets: of every member, in bytes from the start of the group.
        size_bytes: rounded up to the alignment that all groups have at least.
        alignment_bytes: a power of two that suits all members: the group's offset is a multiple of it.
        first, last: half-open lifetime in steps, that of all members together.
        traffic_bytes: what a run reads from it and writes to it.
        first_written: whether the first thing that happens to it is that a node writes it, not the application.
    """

    root: int
    inner_offsets: Mapping[int, int]
    size_bytes: int
    alignment_bytes: int
    first: int
    last: int
    traffic_bytes: int
    first_written: bool
    label: str

    @property
    def heat(self) -> float:
        """Traffic per byte."""
        return self.traffic_bytes / self.size_bytes


def groups(schedule: Schedule, alignment_bytes: int) -> list[Group]:
    """All groups, by their roots.

    Args:
        alignment_bytes: of every group at least.
    """
    by_tensor = {lifetime.tensor: lifetime for lifetime in schedule.lifetimes}
    members: dict[int, dict[int, int]] = {}
    for tensor in sorted(by_tensor):
        root, inner = tensor, 0
        while (relation := by_tensor[root].relation) is not None:
            inner += relation.offset_bytes
            root = relation.of
        members.setdefault(root, {})[tensor] = inner
    return [_group(root, inside, by_tensor, alignment_bytes) for root, inside in sorted(members.items())]


def _group(root: int, inside: Mapping[int, int], by_tensor: Mapping[int, Lifetime], alignment_bytes: int) -> Group:
    lifetimes = [by_tensor[tensor] for tensor in inside]
    size_bytes = by_tensor[root].size_bytes
    return Group(
        root=root,
        inner_offsets=inside,
        size_bytes=-(-size_bytes // alignment_bytes) * alignment_bytes,
        alignment_bytes=max(alignment_bytes, *(lifetime.alignment_bytes for lifetime in lifetimes)),
        first=min(lifetime.first for lifetime in lifetimes),
        last=max(lifetime.last for lifetime in lifetimes),
        traffic_bytes=sum(lifetime.traffic_bytes for lifetime in lifetimes),
        first_written=not any(lifetime.is_input for lifetime in lifetimes),
        label=label(by_tensor[root]),
    )


def label(buffer: Lifetime | MemInfo) -> str:
    """What people call it: `tensor 5`, `ring of tensor 5 (3 rows)`, `scratch of node 2`."""
    if buffer.scratch_of is not None:
        return f"scratch of node {buffer.scratch_of}"
    if buffer.ring_rows is not None:
        return f"ring of tensor {buffer.tensor} ({buffer.ring_rows} rows)"
    return f"tensor {buffer.tensor}"


def gaps(schedule: Schedule, chosen: Sequence[Group]) -> dict[tuple[int, int], Gap]:
    """The rules between groups, by their positions in `chosen`, that are not simply disjoint."""
    position = {tensor: number for number, group in enumerate(chosen) for tensor in group.inner_offsets}
    sizes = {lifetime.tensor: lifetime.size_bytes for lifetime in schedule.lifetimes}
    found: dict[tuple[int, int], Gap] = {}
    for first, second in schedule.apart:
        if first in position and second in position:
            a, b = sorted((position[first], position[second]))
            found[a, b] = Gap(low=0, high=0)
    for overlap in schedule.overlaps:
        if overlap.source not in position or overlap.target not in position:
            continue
        source, target = position[overlap.source], position[overlap.target]
        low, high = _distances(overlap, chosen[source], chosen[target], sizes)
        if source > target:
            low, high = -high, -low
        pair = (min(source, target), max(source, target))
        known = found.get(pair)
        found[pair] = Gap(low=min(low, known.low), high=max(high, known.high)) if known else Gap(low=low, high=high)
    return found


def _distances(overlap: Overlap, source: Group, target: Group, sizes: Mapping[int, int]) -> tuple[int, int]:
    """offset(target) - offset(source) of the groups must be at most the first or at least the second."""
    inner = source.inner_offsets[overlap.source] - target.inner_offsets[overlap.target]
    low = max(inner - overlap.forward_bytes, -target.size_bytes)
    high = source.size_bytes
    if overlap.reversed_bytes is not None:
        high = min(high, overlap.reversed_bytes + inner + sizes[overlap.source] - sizes[overlap.target])
    return low, high
