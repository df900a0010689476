# SPDX-License-Identifier: Apache-2.0
"""What the search works on: some blocks of a problem, their rules, and where each of them may be within a capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.memory.placement.bounds import gaps_by_block, largest_overlap, living_sets
from sconnx.memory.placement.cells import Cells


@dataclass(frozen=True, slots=True)
class Domain:
    """Blocks 0, 1, ... of a search, lengths in cells.

    Args:
        source: index of each block in the problem's cells.
        capacity: the highest end of a block.
        sizes, grains: as in the cells.
        spans: steps that each block lives for.
        plain: whether a block has no gap to any other.
        weights: what the blocks of one step cover at least, as a sum over any of them; the size where there is no gap.
        rivals: (other, after, before): the block is at least `after` above the other, or at least `before` below it.
        parts: of each block, the steps it lives in; only steps that no other one contains.
        members, capacities: of each step, its blocks and the highest end of one of them.
        twins: of each block, those that are the same in all respects, itself included.
        holes: of each block, the open ranges of offsets that fixed blocks forbid, sorted and disjoint.
        supports: of each block, the offsets at which something given supports it: 0, and the ends of the holes.
        earliest, latest: the lowest and the highest offset.
    """

    source: tuple[int, ...]
    capacity: int
    sizes: list[int]
    grains: list[int]
    spans: list[int]
    plain: list[bool]
    weights: list[int]
    rivals: list[list[tuple[int, int, int]]]
    parts: list[list[int]]
    members: list[list[int]]
    capacities: list[int]
    twins: list[list[int]]
    holes: list[list[tuple[int, int]]]
    supports: list[frozenset[int]]
    earliest: list[int]
    latest: list[int]

    def admit(self, block: int, offset: int) -> int:
        """The first offset from `offset` on that fixed blocks allow."""
        for start, stop in self.holes[block]:
            if start < offset < stop:
                return stop
        return offset


def make_domain(cells: Cells, capacity_bytes: int, chosen: Sequence[int]) -> Domain:
    """The domain of some blocks, none of which is fixed."""
    source = tuple(chosen)
    place = {block: index for index, block in enumerate(source)}
    gaps = gaps_by_block(cells)
    first, last = [tuple(times[block] for block in source) for times in (cells.first, cells.last)]
    members = [sorted(alive) for alive in living_sets(first, last)]
    parts: list[list[int]] = [[] for _ in source]
    for part, alive in enumerate(members):
        for block in alive:
            parts[block].append(part)
    sizes = [cells.sizes[block] for block in source]
    latest = [cells.highest_offset(block, capacity_bytes) for block in source]
    holes = [_holes(cells, block) for block in source]
    plain = [block not in gaps for block in source]
    alike: dict[object, list[int]] = {}
    for index, block in enumerate(source):
        content = (first[index], last[index], sizes[index], latest[index], cells.grains[block])
        alike.setdefault(content if plain[index] else index, []).append(index)
    twins: list[list[int]] = [[] for _ in source]
    for same in alike.values():
        for index in same:
            twins[index] = same
    domain = Domain(
        source=source,
        capacity=max((end + size for end, size in zip(latest, sizes, strict=True)), default=0),
        sizes=sizes,
        grains=[cells.grains[block] for block in source],
        spans=[until - since for since, until in zip(first, last, strict=True)],
        plain=plain,
        weights=_weights(cells, source, gaps),
        rivals=[
            [(place[other], high, -low) for other, low, high in cells.rivals[block] if other in place]
            for block in source
        ],
        parts=parts,
        members=members,
        capacities=[max(latest[block] + sizes[block] for block in alive) for alive in members],
        twins=twins,
        holes=holes,
        supports=[frozenset([0, *(stop for _, stop in ranges)]) for ranges in holes],
        earliest=[0] * len(source),
        latest=latest,
    )
    domain.earliest[:] = [domain.admit(block, 0) for block in range(len(source))]
    return domain


def _holes(cells: Cells, block: int) -> list[tuple[int, int]]:
    """The open ranges between offsets of the block that fixed rivals forbid, their ends on its alignment."""
    grain = cells.grains[block]
    ranges: list[tuple[int, int]] = []
    for other, low, high in cells.rivals[block]:
        if other in cells.fixed:
            start, stop = cells.fixed[other] + low, cells.fixed[other] + high
            ranges.append((start // grain * grain, -(-stop // grain) * grain))
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged


def _weights(cells: Cells, source: Sequence[int], gaps: dict[int, list[int]]) -> list[int]:
    """Sizes less the overlaps with others, each taken off one block of its pair: the one with more gaps, or the later one.

    Whatever blocks of one step are left, those with a positive weight cover at least its sum (Bonferroni's inequality).
    """
    weights = {block: cells.sizes[block] for block in source}
    for a, b in cells.gapped:
        if a in weights and b in weights:
            weights[a if len(gaps[a]) > len(gaps[b]) else b] -= largest_overlap(cells, a, b)
    return [max(0, weights[block]) for block in source]
