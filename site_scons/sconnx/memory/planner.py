# SPDX-License-Identifier: Apache-2.0
"""The memory manager: best-fit placement of tensors in one arena.

Tensors that share bytes form one buffer. Each of a few orders (large first, long first, early first) places the buffers one
by one, each into the smallest gap between the placed buffers that are alive at the same time; the lowest peak wins, ties go
to the first order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sconnx.memory.meminfo import MemInfo, MemoryPlan
from sconnx.schedule.schedule import Lifetime, Schedule

ALIGNMENT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Buffer:
    """Bytes that one or more tensors share, alive in [first, last)."""

    tensors: tuple[int, ...]
    size_bytes: int
    first: int
    last: int

    def overlaps(self, other: Buffer) -> bool:
        """Whether both are alive at some step."""
        return self.first < other.last and other.first < self.last


def buffers(schedule: Schedule, alignment_bytes: int = ALIGNMENT_BYTES) -> list[Buffer]:
    """The buffers of a schedule; sizes are rounded up to the alignment."""
    source = {lifetime.tensor: lifetime.relation.of for lifetime in schedule.lifetimes if lifetime.relation}
    members: dict[int, list[Lifetime]] = {}
    for lifetime in sorted(schedule.lifetimes, key=lambda lifetime: (lifetime.first, lifetime.tensor)):
        root = lifetime.tensor
        while root in source:
            root = source[root]
        members.setdefault(root, []).append(lifetime)
    return [
        Buffer(
            tensors=tuple(member.tensor for member in shared),
            size_bytes=-(-max(member.size_bytes for member in shared) // alignment_bytes) * alignment_bytes,
            first=min(member.first for member in shared),
            last=max(member.last for member in shared),
        )
        for shared in members.values()
    ]


def lower_bound_bytes(placed: Sequence[Buffer]) -> int:
    """The most bytes alive at one step."""
    steps = sorted({buffer.first for buffer in placed})
    return max((sum(b.size_bytes for b in placed if b.first <= step < b.last) for step in steps), default=0)


_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda b: (-b.size_bytes, b.first, b.tensors[0]),
    lambda b: (-b.size_bytes * (b.last - b.first), b.first, b.tensors[0]),
    lambda b: (b.first - b.last, -b.size_bytes, b.tensors[0]),
    lambda b: (b.first, -b.size_bytes, b.tensors[0]),
)


def best_fit(ordered: Sequence[Buffer]) -> list[int]:
    """Offsets of the buffers, placed in the given order: the tightest gap that fits, else the lowest free end."""
    offsets: list[int] = []
    for buffer in ordered:
        busy = sorted(
            (offset, offset + other.size_bytes)
            for other, offset in zip(ordered, offsets, strict=False)
            if buffer.overlaps(other)
        )
        best: tuple[int, int] | None = None
        free = 0
        for start, stop in busy:
            gap = start - free
            if gap >= buffer.size_bytes and (best is None or gap < best[0]):
                best = (gap, free)
            free = max(free, stop)
        offsets.append(free if best is None else best[1])
    return offsets


def plan_memory(schedule: Schedule, region: str, alignment_bytes: int = ALIGNMENT_BYTES) -> MemoryPlan:
    """Place every tensor of the schedule in one arena of the region."""
    unplaced = buffers(schedule, alignment_bytes)
    plans = []
    for key in _ORDERS:
        ordered = sorted(unplaced, key=key)
        offsets = best_fit(ordered)
        peak = max((o + b.size_bytes for b, o in zip(ordered, offsets, strict=True)), default=0)
        plans.append((peak, ordered, offsets))
    peak, ordered, offsets = min(plans, key=lambda plan: plan[0])
    offset_of = {tensor: offset for buffer, offset in zip(ordered, offsets, strict=True) for tensor in buffer.tensors}
    return MemoryPlan(
        region=region,
        arena_bytes=peak,
        alignment_bytes=alignment_bytes,
        lower_bound_bytes=lower_bound_bytes(unplaced),
        tensors=tuple(
            MemInfo(
                tensor=lifetime.tensor,
                region=region,
                offset_bytes=offset_of[lifetime.tensor],
                size_bytes=lifetime.size_bytes,
                alignment_bytes=alignment_bytes,
                first=lifetime.first,
                last=lifetime.last,
                relation=lifetime.relation,
                scratch_of=lifetime.scratch_of,
            )
            for lifetime in schedule.lifetimes
        ),
    )
