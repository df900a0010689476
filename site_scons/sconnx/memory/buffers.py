# SPDX-License-Identifier: Apache-2.0
"""A memory plan as people see it: buffers, what is in use at each step, where the peak is, and who shares bytes with whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sconnx.memory.meminfo import MemInfo, MemoryPlan

Span = tuple[int, int]
LONGEST_NAME = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """Bytes of an arena that are used for one purpose: a tensor in full, a ring of its rows, or scratch.

    Args:
        mem: the place; of tensors that lie in one another the outermost one's.
        inside: aliases and parts that lie in it.
        first, last: half-open lifetime in steps, that of all of them together.
    """

    mem: MemInfo
    inside: tuple[MemInfo, ...]
    first: int
    last: int

    def is_alive(self, step: int) -> bool:
        return self.first <= step < self.last

    def common_bytes(self, other: Buffer) -> int:
        """Bytes that both use at some step."""
        if self.mem.region != other.mem.region or self.first >= other.last or other.first >= self.last:
            return 0
        return common_bytes(self.mem, other.mem)


def common_bytes(mem: MemInfo, other: MemInfo) -> int:
    """Bytes of the arena that belong to both, whenever."""
    return max(min(mem.end_bytes, other.end_bytes) - max(mem.offset_bytes, other.offset_bytes), 0)


def buffers(plan: MemoryPlan) -> tuple[Buffer, ...]:
    """All buffers, in the order in which they come into use; each alias and part within the tensor that it lies in."""
    by_tensor = plan.by_tensor()
    members: dict[int, list[MemInfo]] = {}
    for mem in plan.tensors:
        root = mem
        while root.relation is not None and root.relation.kind in ("alias", "part"):
            root = by_tensor[root.relation.of]
        members.setdefault(root.tensor, []).append(mem)
    found = [
        Buffer(
            mem=by_tensor[root],
            inside=tuple(mem for mem in group if mem.tensor != root),
            first=min(mem.first for mem in group),
            last=max(mem.last for mem in group),
        )
        for root, group in members.items()
    ]
    return tuple(sorted(found, key=lambda buffer: (buffer.first, buffer.mem.tensor < 0, abs(buffer.mem.tensor))))


def union_bytes(spans: Iterable[Span]) -> int:
    """How many bytes the spans [start, end) cover; what several cover counts once."""
    covered, reached = 0, 0
    for start, end in sorted(spans):
        covered += max(end - max(start, reached), 0)
        reached = max(reached, end)
    return covered


def step_count(plan: MemoryPlan) -> int:
    """Steps, that of the application after the run included."""
    return max(len(plan.steps), max((mem.last for mem in plan.tensors), default=1))


def live_bytes(plan: MemoryPlan, region: str) -> tuple[int, ...]:
    """Bytes of a region's arena that are in use at each step."""
    there = [buffer for buffer in buffers(plan) if buffer.mem.region == region]
    return tuple(
        union_bytes((buffer.mem.offset_bytes, buffer.mem.end_bytes) for buffer in there if buffer.is_alive(step))
        for step in range(step_count(plan))
    )


def peak_step(plan: MemoryPlan, region: str) -> int:
    """The first of the steps at which most bytes of the region's arena are in use."""
    used = live_bytes(plan, region)
    return used.index(max(used))


def alive_at(plan: MemoryPlan, region: str, step: int) -> tuple[Buffer, ...]:
    """The buffers in use at a step, the largest first."""
    there = [buffer for buffer in buffers(plan) if buffer.mem.region == region and buffer.is_alive(step)]
    return tuple(sorted(there, key=lambda buffer: (-buffer.mem.size_bytes, buffer.first, abs(buffer.mem.tensor))))


def buffer_name(mem: MemInfo) -> str:
    """`tensor 5`, `ring 5`, `scratch of node 2`: what the tables call it."""
    return f"scratch of node {mem.scratch_of}" if mem.scratch_of is not None else f"{mem.kind} {mem.tensor}"


def shown_name(name: str) -> str:
    """A name of the source model as printable ASCII; of a long one the end, which tells more."""
    printable = ascii(name)[1:-1]
    return printable if len(printable) <= LONGEST_NAME else f"...{printable[3 - LONGEST_NAME :]}"


def by_time(plan: MemoryPlan) -> list[MemInfo]:
    """All places in the order in which they come into use, scratch behind the tensors."""
    return sorted(plan.tensors, key=lambda mem: (mem.first, mem.tensor < 0, abs(mem.tensor)))


def ring_words(rows: int) -> str:
    return f"ring of {rows} row{'s' if rows > 1 else ''}"


def relations(plan: MemoryPlan) -> dict[int, str]:
    """For every tensor and scratch buffer, by its key, what is special about its bytes, in words; empty: nothing."""
    by_tensor = plan.by_tensor()
    words = {mem.tensor: list(_own_words(mem, by_tensor)) for mem in plan.tensors}
    # Who was there first is not listed with who came to share its bytes.
    found = buffers(plan)
    for later, buffer in enumerate(found):
        for other in found[:later]:
            related = buffer.mem.relation
            shared = buffer.common_bytes(other)
            if shared and not (related and related.of in (other.mem.tensor, *(mem.tensor for mem in other.inside))):
                words[buffer.mem.tensor].append(f"shares {shared:,} bytes with {_reference(other.mem)}")
    return {tensor: ", ".join(parts) for tensor, parts in words.items()}


def _own_words(mem: MemInfo, by_tensor: dict[int, MemInfo]) -> Iterator[str]:
    if mem.ring_rows is not None:
        yield ring_words(mem.ring_rows)
    relation = mem.relation
    if relation is None:
        return
    if relation.kind == "part":
        yield f"part of {relation.of} at byte {relation.offset_bytes:,}"
    elif relation.kind == "overlap":
        yield f"overlaps {relation.of} by {common_bytes(mem, by_tensor[relation.of]):,} bytes"
    else:
        yield f"{'alias' if relation.kind == 'alias' else 'in place'} of {relation.of}"


def _reference(mem: MemInfo) -> str:
    return str(mem.tensor) if mem.scratch_of is None else f"the scratch of node {mem.scratch_of}"
