# SPDX-License-Identifier: Apache-2.0
"""The memory manager: from a schedule to the place of every tensor, in one memory or in several.

Tensors that share bytes are placed as one block (memory/placement finds the offsets). Where one memory does not hold
everything, the blocks with the most traffic come into the faster ones (memory/spread.py).

Models that may run at the same time are planned together: anything of one may be in use while anything of another is, so each has
arenas of its own, these add up, and the blocks of all models compete for the fast memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sconnx.errors import SconnxError
from sconnx.memory.blocks import Group, gaps, groups
from sconnx.memory.buffers import union_bytes
from sconnx.memory.meminfo import CALLER, Arena, MemoryPlan
from sconnx.memory.placement.place import place
from sconnx.memory.placement.problem import Block, Gap, Placement, Problem
from sconnx.memory.places import reversed_steps, tensor_places
from sconnx.memory.shortfall import DoesNotFit, Large, Shortfall
from sconnx.memory.spread import Offer, spread
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.timeline import ALIGNMENT_BYTES


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one model wants to have placed.

    Args:
        model: its name, for plans and messages.
        pins: regions of tensors that the user chose.
        outputs: the graph's outputs, which with output_policy "caller" lie outside of all arenas.
    """

    schedule: Schedule
    model: str = ""
    pins: Mapping[int, str] = field(default_factory=dict)
    outputs: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """Some groups of one model in one memory."""

    memory: Memory
    groups: tuple[Group, ...]
    placement: Placement


def plan_memory(
    schedule: Schedule,
    memories: Sequence[Memory],
    search: Search | None = None,
    *,
    pins: Mapping[int, str] | None = None,
    outputs: Collection[int] = (),
) -> MemoryPlan:
    """Place every tensor of one model; see `plan_together`."""
    (plan,) = plan_together([Demand(schedule=schedule, pins=pins or {}, outputs=outputs)], memories, search)
    return plan


def plan_together(
    demands: Sequence[Demand], memories: Sequence[Memory], search: Search | None = None
) -> tuple[MemoryPlan, ...]:
    """Place every tensor of models that may run at the same time; a plan for each.

    Args:
        memories: from the fastest to the slowest; at least one.

    Raises:
        SconnxError: E310, the tensors do not fit (of one model a DoesNotFit); E701, one is pinned that is the caller's.
    """
    search = search or Search()
    all_groups = [groups(demand.schedule, ALIGNMENT_BYTES) for demand in demands]
    for demand, found in zip(demands, all_groups, strict=True):
        _check_pins(demand, found)
    inside = [
        [group for group in found if not _is_callers(demand, group)]
        for demand, found in zip(demands, all_groups, strict=True)
    ]
    placed = _place_all(demands, inside, memories, search)
    names = tuple(demand.model for demand in demands) if len(demands) > 1 else ()
    return tuple(
        _plan(demand, found, there, names) for demand, found, there in zip(demands, all_groups, placed, strict=True)
    )


def _plan(
    demand: Demand, all_groups: Sequence[Group], placed: Sequence[_Placed], together: tuple[str, ...]
) -> MemoryPlan:
    offsets = {group.root: (CALLER, 0) for group in all_groups}
    offsets |= {
        group.root: (found.memory.region, offset)
        for found in placed
        for group, offset in zip(found.groups, found.placement.offsets, strict=True)
    }
    used = [found for found in placed if found.groups] or placed[:1]
    return MemoryPlan(
        arenas=tuple(_arena(found) for found in used),
        alignment_bytes=max((group.alignment_bytes for group in all_groups), default=ALIGNMENT_BYTES),
        reversed_steps=reversed_steps(demand.schedule, all_groups, offsets),
        tensors=tensor_places(demand.schedule, all_groups, offsets),
        together=together,
    )


def _check_pins(demand: Demand, all_groups: Sequence[Group]) -> None:
    for tensor in demand.pins:
        if any(tensor in group.inner_offsets and _is_callers(demand, group) for group in all_groups):
            what = f"tensor {tensor} is pinned, but the caller says where it lies"
            raise SconnxError("E701", what, where="pin", help="leave its pin out, or use output=arena")


def _is_callers(demand: Demand, group: Group) -> bool:
    """Whether a group lies where the caller says."""
    return demand.schedule.output_policy == "caller" and _is_output(demand.schedule, group, demand.outputs)


def _is_output(schedule: Schedule, group: Group, outputs: Collection[int]) -> bool:
    """Whether a group is one output of the graph, nothing that the application wrote, and written during the run."""
    held = [tensor for tensor in group.inner_offsets if tensor in outputs]
    if len(held) != 1 or any(group.inner_offsets.values()) or not group.first_written:
        return False
    return schedule.segments[group.first].pushed is None


LEAST_ARENA_BYTES = 1
"""Of a model whose outputs are all constants: C has no empty array."""


def _arena(found: _Placed) -> Arena:
    return Arena(
        region=found.memory.region,
        size_bytes=max(found.placement.peak_bytes, LEAST_ARENA_BYTES),
        lower_bound_bytes=max(found.placement.lower_bound_bytes, LEAST_ARENA_BYTES),
        is_optimal=found.placement.is_optimal,
        method=found.placement.method,
    )


def _place_all(
    demands: Sequence[Demand], inside: Sequence[Sequence[Group]], memories: Sequence[Memory], search: Search
) -> list[list[_Placed]]:
    """For each model what lies in each memory."""
    pinned = [
        {
            group.root: region
            for group in found
            for tensor, region in demand.pins.items()
            if tensor in group.inner_offsets
        }
        for demand, found in zip(demands, inside, strict=True)
    ]
    first = memories[0]
    if not any(region != first.region for found in pinned for region in found.values()):
        alone = [_place(demand.schedule, found, first, search) for demand, found in zip(demands, inside, strict=True)]
        if not _missing_bytes(alone):
            return [[found] for found in alone]
        if len(memories) == 1:
            raise _does_not_fit(demands, alone)
    return _spread(demands, inside, memories, search, pinned)


def _missing_bytes(there: Sequence[_Placed]) -> int:
    """How many bytes one memory lacks for what all models have there."""
    capacity = there[0].memory.capacity_bytes
    return 0 if capacity is None else max(sum(found.placement.peak_bytes for found in there) - capacity, 0)


def _place(schedule: Schedule, chosen: Sequence[Group], memory: Memory, search: Search) -> _Placed:
    problem = Problem(
        blocks=tuple(
            Block(
                size_bytes=group.size_bytes, alignment_bytes=group.alignment_bytes, first=group.first, last=group.last
            )
            for group in chosen
        ),
        gaps=gaps(schedule, chosen),
    )
    return _Placed(memory, tuple(chosen), place(problem, search.planner, search.limit_seconds))


def _spread(
    demands: Sequence[Demand],
    inside: Sequence[Sequence[Group]],
    memories: Sequence[Memory],
    search: Search,
    pinned: Sequence[Mapping[int, str]],
) -> list[list[_Placed]]:
    """Hot groups in fast memories, those of all models by one measure; see `spread`."""
    numbers = {memory.region: number for number, memory in enumerate(memories)}
    firsts = [sum(map(len, inside[:model])) for model in range(len(inside))]
    shares = spread(
        [group for found in inside for group in found],
        _all_gaps(demands, inside, firsts),
        [Offer(capacity_bytes=memory.capacity_bytes, access_cycles=memory.access_cycles) for memory in memories],
        {
            first + index: numbers[regions[group.root]]
            for first, found, regions in zip(firsts, inside, pinned, strict=True)
            for index, group in enumerate(found)
            if group.root in regions
        },
        [model for model, found in enumerate(inside) for _ in found],
    )
    placed: list[list[_Placed]] = []
    for demand, found, first, of_model in zip(demands, inside, firsts, shares, strict=True):
        placed.append([])
        for memory, share in zip(memories, of_model, strict=True):
            there = _place(demand.schedule, [found[index - first] for index in share.groups], memory, search)
            placed[-1].append(there if share.offsets is None else _lower(there, share.offsets))
    for everyone in zip(*placed, strict=True):
        if _missing_bytes(everyone):
            raise _does_not_fit(demands, everyone)
    return placed


def _all_gaps(
    demands: Sequence[Demand], inside: Sequence[Sequence[Group]], firsts: Sequence[int]
) -> dict[tuple[int, int], Gap]:
    return {
        (a + first, b + first): gap
        for demand, found, first in zip(demands, inside, firsts, strict=True)
        for (a, b), gap in gaps(demand.schedule, found).items()
    }


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


def _does_not_fit(demands: Sequence[Demand], there: Sequence[_Placed]) -> SconnxError:
    """With the largest buffers of one memory, of several models those where each is fullest."""
    memory, requested_bytes = there[0].memory, sum(placed.placement.peak_bytes for placed in there)
    found = [
        (group, step, demand.model)
        for demand, placed in zip(demands, there, strict=True)
        for step, group in _fullest(demand.schedule, placed)
    ]
    largest = sorted(found, key=lambda entry: (-entry[0].size_bytes, entry[2], entry[0].root))[:LARGEST]
    if len(demands) == 1:
        return DoesNotFit(
            Shortfall(
                region=memory.region,
                requested_bytes=requested_bytes,
                available_bytes=memory.capacity_bytes or 0,
                step=largest[0][1],
                largest=tuple(
                    Large(key=group.root, label=group.label, size_bytes=group.size_bytes) for group, _, _ in largest
                ),
            )
        )
    named = (f"{group.label} of {model} {group.size_bytes:,} (step {step})" for group, step, model in largest)
    return SconnxError(
        "E310",
        f"the tensors do not fit in {memory.region}: requested {requested_bytes:,}, "
        f"available {memory.capacity_bytes or 0:,}, missing {_missing_bytes(there):,} bytes",
        where=memory.region,
        why=f"largest where each of {len(demands)} models that may run at the same time is fullest: {', '.join(named)}",
    )


def _fullest(schedule: Schedule, placed: _Placed) -> list[tuple[int, Group]]:
    """The groups at the fullest step of a model, with that step."""
    offsets = list(zip(placed.groups, placed.placement.offsets, strict=True))

    def used_bytes(step: int) -> int:
        alive = [(offset, group.size_bytes) for group, offset in offsets if group.first <= step < group.last]
        return union_bytes((offset, offset + size_bytes) for offset, size_bytes in alive)

    step = max(range(len(schedule.segments) + 1), key=used_bytes)
    return [(step, group) for group in placed.groups if group.first <= step < group.last]
