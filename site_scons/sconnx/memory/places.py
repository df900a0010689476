# SPDX-License-Identifier: Apache-2.0
"""From the places of groups to the place of every tensor, how tensors overlap, and which steps must run backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sconnx.memory.blocks import Group
from sconnx.memory.meminfo import MemInfo, Relation
from sconnx.schedule.overlap import Overlap
from sconnx.schedule.schedule import Lifetime, Schedule


def reversed_steps(
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


def tensor_places(
    schedule: Schedule, all_groups: Sequence[Group], offsets: Mapping[int, tuple[str, int]]
) -> tuple[MemInfo, ...]:
    """One MemInfo per lifetime.

    Args:
        offsets: region and offset in bytes of each group, by its root.
    """
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
            alignment_bytes=lifetime.alignment_bytes,
            first=lifetime.first,
            last=lifetime.last,
            ring_rows=lifetime.ring_rows,
            relation=relation(lifetime),
            scratch_of=lifetime.scratch_of,
            is_state=lifetime.is_state,
        )
        for lifetime in schedule.lifetimes
    )
