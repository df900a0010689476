# SPDX-License-Identifier: Apache-2.0
"""The memory manager: from a schedule to the place of every tensor, in one memory or in several.

Tensors that share bytes are placed as one block (memory/placement finds the offsets). Where one memory does not hold
everything, the blocks with the most traffic come into the faster ones (memory/spread.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sconnx.errors import SconnxError
from sconnx.memory.blocks import Group, gaps, groups
from sconnx.memory.buffers import union_bytes
from sconnx.memory.meminfo import CALLER, Arena, MemInfo, MemoryPlan, Relation
from sconnx.memory.placement.place import place
from sconnx.memory.placement.problem import Block, Placement, Problem
from sconnx.memory.shortfall import DoesNotFit, Large, Shortfall
from sconnx.memory.spread import Offer, spread
from sconnx.schedule.overlap import Overlap
from sconnx.schedule.schedule import Lifetime, Schedule

ALIGNMENT_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where tensors may lie: a region of the board, how much of it the arena may take (None: any amount), and its speed."""

    region: str
    capacity_bytes: int | None = None
    access_cycles: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How placements are searched: see `place`."""

    planner: str = "auto"
    limit_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """Some groups in one memory."""

    memory: Memory
    groups: tuple[Group, ...]
    placement: Placement

    @property
    def missing_bytes(self) -> int:
        capacity = self.memory.capacity_bytes
        return 0 if capacity is None else max(self.placement.peak_bytes - capacity, 0)


def plan_memory(
    schedule: Schedule,
    memories: Sequence[Memory],
    search: Search | None = None,
    *,
    pins: Mapping[int, str] | None = None,
    outputs: Collection[int] = (),
) -> MemoryPlan:
    """Place every tensor of the schedule.

    Args:
        memories: from the fastest to the slowest; at least one.
        pins: regions of tensors that the user chose.
        outputs: the graph's outputs, which with output_policy "caller" lie outside of all arenas.

    Raises:
        DoesNotFit: E310, the tensors do not fit.
        SconnxError: E701, one is pinned that is the caller's.
    """
    search = search or Search()
    all_groups = groups(schedule, ALIGNMENT_BYTES)
    apart = [
        group for group in all_groups if schedule.output_policy == "caller" and _is_output(schedule, group, outputs)
    ]
    for tensor in pins or {}:
        for group in apart:
            if tensor in group.inner_offsets:
                what = f"tensor {tensor} is pinned, but the caller says where it lies"
                raise SconnxError("E701", what, where="pin", help="leave its pin out, or use output=arena")
    inside = [group for group in all_groups if group not in apart]
    placed = _place_all(schedule, inside, memories, search, pins or {})
    offsets = {
        group.root: (found.memory.region, offset)
        for found in placed
        for group, offset in zip(found.groups, found.placement.offsets, strict=True)
    }
    offsets |= {group.root: (CALLER, 0) for group in apart}
    used = [found for found in placed if found.groups] or placed[:1]
    return MemoryPlan(
        arenas=tuple(_arena(found) for found in used),
        alignment_bytes=ALIGNMENT_BYTES,
        reversed_steps=_reversed_steps(schedule, all_groups, offsets),
        tensors=_places(schedule, all_groups, offsets),
    )


def _is_output(schedule: Schedule, group: Group, outputs: Collection[int]) -> bool:
    """Whether a group is one output of the graph, nothing that the application wrote, and written during the run."""
    held = [tensor for tensor in group.inner_offsets if tensor in outputs]
    if len(held) != 1 or any(group.inner_offsets.values()) or not group.first_written:
        return False
    return schedule.segments[group.first].pushed is None


def _arena(found: _Placed) -> Arena:
    return Arena(
        region=found.memory.region,
        size_bytes=found.placement.peak_bytes,
        lower_bound_bytes=found.placement.lower_bound_bytes,
        is_optimal=found.placement.is_optimal,
        method=found.placement.method,
    )


def _place_all(
    schedule: Schedule,
    inside: Sequence[Group],
    memories: Sequence[Memory],
    search: Search,
    pins: Mapping[int, str],
) -> list[_Placed]:
    pinned = {
        group.root: region for group in inside for tensor, region in pins.items() if tensor in group.inner_offsets
    }
    first = memories[0]
    if not any(region != first.region for region in pinned.values()):
        alone = _place(schedule, inside, first, search)
        if not alone.missing_bytes:
            return [alone]
        if len(memories) == 1:
            raise _does_not_fit(schedule, alone)
    return _spread(schedule, inside, memories, search, pinned)


def _place(schedule: Schedule, chosen: Sequence[Group], memory: Memory, search: Search) -> _Placed:
    problem = Problem(
        blocks=tuple(
            Block(size_bytes=group.size_bytes, alignment_bytes=ALIGNMENT_BYTES, first=group.first, last=group.last)
            for group in chosen
        ),
        gaps=gaps(schedule, chosen),
    )
    return _Placed(memory, tuple(chosen), place(problem, search.planner, search.limit_seconds))


def _spread(
    schedule: Schedule,
    inside: Sequence[Group],
    memories: Sequence[Memory],
    search: Search,
    pinned: Mapping[int, str],
) -> list[_Placed]:
    """Hot groups in fast memories; see `spread`."""
    numbers = {memory.region: number for number, memory in enumerate(memories)}
    (shares,) = spread(
        inside,
        gaps(schedule, inside),
        [Offer(capacity_bytes=memory.capacity_bytes, access_cycles=memory.access_cycles) for memory in memories],
        {index: numbers[pinned[group.root]] for index, group in enumerate(inside) if group.root in pinned},
        [0] * len(inside),
        ALIGNMENT_BYTES,
    )
    placed = []
    for memory, share in zip(memories, shares, strict=True):
        found = _place(schedule, [inside[index] for index in share.groups], memory, search)
        if share.offsets is not None:
            found = _lower(found, share.offsets)
        if found.missing_bytes:
            raise _does_not_fit(schedule, found)
        placed.append(found)
    return placed


def _lower(found: _Placed, offsets: Sequence[int]) -> _Placed:
    """The placement with the lower peak: the one that was searched, or these offsets."""
    peak_bytes = max((at + group.size_bytes for at, group in zip(offsets, found.groups, strict=True)), default=0)
    if found.placement.peak_bytes <= peak_bytes:
        return found
    known = replace(
        found.placement,
        offsets=tuple(offsets),
        peak_bytes=peak_bytes,
        is_optimal=peak_bytes == found.placement.lower_bound_bytes,
        method="group by group",
    )
    return replace(found, placement=known)


LARGEST = 5


def _does_not_fit(schedule: Schedule, found: _Placed) -> DoesNotFit:
    """With the largest buffers at the fullest step."""
    placed = list(zip(found.groups, found.placement.offsets, strict=True))

    def used_bytes(step: int) -> int:
        alive = [(offset, group.size_bytes) for group, offset in placed if group.first <= step < group.last]
        return union_bytes((offset, offset + size_bytes) for offset, size_bytes in alive)

    step = max(range(len(schedule.segments) + 1), key=used_bytes)
    there = [group for group in found.groups if group.first <= step < group.last]
    largest = sorted(there, key=lambda group: (-group.size_bytes, group.root))[:LARGEST]
    return DoesNotFit(
        Shortfall(
            region=found.memory.region,
            requested_bytes=found.placement.peak_bytes,
            available_bytes=found.memory.capacity_bytes or 0,
            step=step,
            largest=tuple(Large(key=group.root, label=group.label, size_bytes=group.size_bytes) for group in largest),
        )
    )


def _reversed_steps(
    schedule: Schedule, all_groups: Sequence[Group], offsets: Mapping[int, tuple[str, int]]
) -> tuple[int, ...]:
    """Steps whose output overlaps in a way that only descending rows allow."""
    place_of = _place_of(all_groups, offsets)
    lifetimes = {lifetime.tensor: lifetime for lifetime in schedule.lifetimes}
    found = set()
    for overlap in schedule.overlaps:
        (source_region, source), (target_region, target) = place_of[overlap.source], place_of[overlap.target]
        source_end = source + lifetimes[overlap.source].size_bytes
        target_end = target + lifetimes[overlap.target].size_bytes
        apart = source_region != target_region or source_end <= target or target_end <= source
        if not apart and source - target < overlap.forward_bytes:
            found.add(lifetimes[overlap.target].first)
    return tuple(sorted(found))


def _place_of(all_groups: Sequence[Group], offsets: Mapping[int, tuple[str, int]]) -> dict[int, tuple[str, int]]:
    return {
        tensor: (offsets[group.root][0], offsets[group.root][1] + inner)
        for group in all_groups
        for tensor, inner in group.inner_offsets.items()
    }


def _places(
    schedule: Schedule, all_groups: Sequence[Group], offsets: Mapping[int, tuple[str, int]]
) -> tuple[MemInfo, ...]:
    place_of = _place_of(all_groups, offsets)
    sources: dict[int, list[Overlap]] = {}
    for overlap in schedule.overlaps:
        sources.setdefault(overlap.target, []).append(overlap)
    sizes = {lifetime.tensor: lifetime.size_bytes for lifetime in schedule.lifetimes}

    def relation(lifetime: Lifetime) -> Relation | None:
        if lifetime.relation is not None:
            return lifetime.relation
        region, start = place_of[lifetime.tensor]
        for overlap in sources.get(lifetime.tensor, ()):
            other_region, other = place_of[overlap.source]
            distance, other_bytes = start - other, sizes[overlap.source]
            if region == other_region and -lifetime.size_bytes < distance < other_bytes:
                same = distance == 0 and other_bytes == lifetime.size_bytes
                kind = "in_place" if same else "overlap"
                return Relation(kind=kind, of=overlap.source, offset_bytes=distance)
        return None

    return tuple(
        MemInfo(
            tensor=lifetime.tensor,
            region=place_of[lifetime.tensor][0],
            offset_bytes=place_of[lifetime.tensor][1],
            size_bytes=lifetime.size_bytes,
            alignment_bytes=1 if lifetime.relation else ALIGNMENT_BYTES,
            first=lifetime.first,
            last=lifetime.last,
            ring_rows=lifetime.ring_rows,
            relation=relation(lifetime),
            scratch_of=lifetime.scratch_of,
        )
        for lifetime in schedule.lifetimes
    )
