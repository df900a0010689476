# SPDX-License-Identifier: Apache-2.0
"""A problem in canonical form: blocks sorted by content, lengths in cells, the rules of each block in one list.

A cell is the smallest alignment, so every offset is a whole number of cells and a block takes whole cells but for the unused
rest of its last one. What is computed from this form does not depend on the order of the blocks in the problem, except where
blocks cannot be told apart by their content, their gaps, the gaps of those they have gaps with, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.memory.placement.problem import Problem, living_pairs

Rival = tuple[int, int, int]
"""(other, low, high): the offset of this block minus that of the other is at most low or at least high, in cells."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The canonical form.

    Args:
        cell_bytes: the smallest alignment of a block.
        sizes: cells of each block, rounded up.
        unused_bytes: of the last cell of each block.
        grains: alignment of each block in cells.
        first, last: lifetimes, as in the problem.
        rivals: of each block, those it has a rule with.
        gapped: the pairs (a, b), a < b, whose rule is not disjointness; free pairs as well, which are no rivals.
        fixed: offsets in cells that are given.
        source: index of each block in the problem.
    """

    cell_bytes: int
    sizes: tuple[int, ...]
    unused_bytes: tuple[int, ...]
    grains: tuple[int, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    rivals: tuple[tuple[Rival, ...], ...]
    gapped: dict[tuple[int, int], tuple[int, int]]
    fixed: dict[int, int]
    source: tuple[int, ...]

    def peak_bytes(self, offsets: Sequence[int]) -> int:
        """The highest end of a block."""
        return max(
            (
                (offset + size) * self.cell_bytes - unused
                for offset, size, unused in zip(offsets, self.sizes, self.unused_bytes, strict=True)
            ),
            default=0,
        )

    def offsets_bytes(self, offsets: Sequence[int]) -> tuple[int, ...]:
        """Offsets in bytes, in the order of the problem."""
        result = [0] * len(offsets)
        for source, offset in zip(self.source, offsets, strict=True):
            result[source] = offset * self.cell_bytes
        return tuple(result)

    def highest_offset(self, block: int, capacity_bytes: int) -> int:
        """The highest offset at which the block ends within the capacity; negative if there is none."""
        size_bytes = self.sizes[block] * self.cell_bytes - self.unused_bytes[block]
        highest = (capacity_bytes - size_bytes) // self.cell_bytes
        return highest - highest % self.grains[block]


def to_cells(problem: Problem) -> Cells:
    """The canonical form of a problem."""
    source = _canonical_order(problem)
    rank = {index: place for place, index in enumerate(source)}
    blocks = [problem.blocks[index] for index in source]
    cell_bytes = min((block.alignment_bytes for block in blocks), default=1)
    sizes = tuple(-(-block.size_bytes // cell_bytes) for block in blocks)
    grains = tuple(block.alignment_bytes // cell_bytes for block in blocks)
    gapped = {}
    for (a, b), gap in problem.gaps.items():
        low, high = (gap.low, gap.high) if rank[a] < rank[b] else (-gap.high, -gap.low)
        grain = min(grains[rank[a]], grains[rank[b]])
        pair = (min(rank[a], rank[b]), max(rank[a], rank[b]))
        gapped[pair] = _on_grains(low, high, cell_bytes, grain)
    rivals: list[list[Rival]] = [[] for _ in blocks]
    for a, b in living_pairs(blocks):
        # Offsets of both are multiples of the smaller grain, so the forbidden distances may be widened to it.
        rule = gapped.get((a, b)) or _on_grains(-sizes[b], sizes[a], 1, min(grains[a], grains[b]))
        low, high = rule
        if low < high:
            rivals[b].append((a, low, high))
            rivals[a].append((b, -high, -low))
    return Cells(
        cell_bytes=cell_bytes,
        sizes=sizes,
        unused_bytes=tuple(size * cell_bytes - block.size_bytes for size, block in zip(sizes, blocks, strict=True)),
        grains=grains,
        first=tuple(block.first for block in blocks),
        last=tuple(block.last for block in blocks),
        rivals=tuple(tuple(sorted(found)) for found in rivals),
        gapped=dict(sorted(gapped.items())),
        fixed={rank[index]: offset // cell_bytes for index, offset in sorted(problem.fixed.items())},
        source=tuple(source),
    )


def _on_grains(low: int, high: int, cell_bytes: int, grain: int) -> tuple[int, int]:
    """A rule in cells, widened to the distances that are possible; (0, 0) where it forbids none of these."""
    unit = cell_bytes * grain
    low, high = low // unit * grain, -(-high // unit) * grain
    return (low, high) if high - low > grain else (0, 0)


def _canonical_order(problem: Problem) -> list[int]:
    """The blocks sorted by content, then refined by the gaps to blocks of already known rank until nothing changes."""
    keys: list[tuple[object, ...]] = [
        (block.first, block.last, block.size_bytes, block.alignment_bytes, problem.fixed.get(index, -1))
        for index, block in enumerate(problem.blocks)
    ]
    partners: dict[int, list[tuple[int, int, int]]] = {}
    for (a, b), gap in problem.gaps.items():
        partners.setdefault(a, []).append((b, gap.low, gap.high))
        partners.setdefault(b, []).append((a, -gap.high, -gap.low))
    ranks = _ranks(keys)
    while True:
        for index, found in partners.items():
            keys[index] = (ranks[index], *sorted((low, high, ranks[other]) for other, low, high in found))
        for index in range(len(keys)):
            if index not in partners:
                keys[index] = (ranks[index],)
        refined = _ranks(keys)
        if refined == ranks:
            return sorted(range(len(keys)), key=lambda index: ranks[index])
        ranks = refined


def _ranks(keys: Sequence[tuple[object, ...]]) -> list[int]:
    """The place of each key among the sorted distinct keys; equal keys share one."""
    place = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    return [place[key] for key in keys]
