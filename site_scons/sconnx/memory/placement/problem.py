# SPDX-License-Identifier: Apache-2.0
"""What is to be placed: blocks with lifetimes, the rules between pairs of them, and the placement that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Bytes that are needed for some steps.

    Args:
        size_bytes: at least 1.
        alignment_bytes: a power of two; the offset is a multiple of it.
        first, last: half-open lifetime in steps, [first, last).
    """

    size_bytes: int
    alignment_bytes: int
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.size_bytes < 1:
            raise ValueError(f"a block has {self.size_bytes} bytes; it must have at least 1")
        if self.alignment_bytes < 1 or self.alignment_bytes & (self.alignment_bytes - 1):
            raise ValueError(f"the alignment of a block is {self.alignment_bytes}; it must be a power of two")
        if self.first >= self.last:
            raise ValueError(f"a block lives in [{self.first}, {self.last}); it must live for at least one step")

    def meets(self, other: Block) -> bool:
        """Whether both are alive at some step."""
        return self.first < other.last and other.first < self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The rule of a pair (a, b): offset[b] - offset[a] is at most `low` or at least `high`, in bytes.

    Two blocks that must not share a byte have low = -size_bytes of b and high = size_bytes of a. A higher `low` or a lower
    `high` lets them overlap in part. Where low >= high the pair is free.
    """

    low: int
    high: int

    def allows(self, distance_bytes: int) -> bool:
        """Whether offset[b] - offset[a] may be this."""
        return distance_bytes <= self.low or distance_bytes >= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Blocks to be placed at offsets from 0 so that the highest end is as low as possible.

    Args:
        blocks: what is placed. Two blocks that are alive at one step are disjoint unless a gap says otherwise.
        gaps: the rule of a pair (a, b), a < b, in the place of disjointness; both must be alive at one step.
        fixed: offsets in bytes that are given from outside, by block.

    Raises:
        ValueError: an index, a pair or a fixed offset is impossible, or two fixed blocks break their rule.
    """

    blocks: tuple[Block, ...]
    gaps: Mapping[tuple[int, int], Gap] = field(default_factory=dict)
    fixed: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.blocks)
        for a, b in self.gaps:
            if not 0 <= a < b < count:
                raise ValueError(
                    f"a gap is given for ({a}, {b}); it must be two of {count} blocks, the lower index first"
                )
            if not self.blocks[a].meets(self.blocks[b]):
                raise ValueError(f"a gap is given for ({a}, {b}), which are never alive at one step")
        for block, offset in self.fixed.items():
            if not 0 <= block < count:
                raise ValueError(f"an offset is given for block {block}; there are {count} blocks")
            if offset < 0 or offset % self.blocks[block].alignment_bytes:
                raise ValueError(
                    f"the offset of block {block} is given as {offset}; "
                    f"it must be a multiple of {self.blocks[block].alignment_bytes} and not negative"
                )
        for a, b in living_pairs(self.blocks, sorted(self.fixed)):
            if not self.rule(a, b).allows(self.fixed[b] - self.fixed[a]):
                raise ValueError(f"the offsets given for blocks {a} and {b} break the rule between them")

    def rule(self, a: int, b: int) -> Gap:
        """The rule of two blocks, a < b, that are alive at one step."""
        gap = self.gaps.get((a, b))
        return gap or Gap(low=-self.blocks[b].size_bytes, high=self.blocks[a].size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An offset for every block.

    Args:
        offsets: in bytes, in the order of the problem's blocks.
        peak_bytes: the highest end of a block; 0 without blocks.
        lower_bound_bytes: no placement has a lower peak.
        is_optimal: the peak is the lower bound.
        method: what found the offsets, for reports.
        nodes: the search nodes that were spent; depends on nothing but the problem and the limit.
    """

    offsets: tuple[int, ...]
    peak_bytes: int
    lower_bound_bytes: int
    is_optimal: bool
    method: str
    nodes: int = 0

    def __post_init__(self) -> None:
        if self.lower_bound_bytes > self.peak_bytes:
            raise ValueError(f"the peak {self.peak_bytes} is below the bound {self.lower_bound_bytes}")
        if self.is_optimal != (self.lower_bound_bytes == self.peak_bytes):
            raise ValueError("a placement is optimal where its peak is the lower bound, and only there")


def living_pairs(blocks: Sequence[Block], chosen: Sequence[int] | None = None) -> Iterator[tuple[int, int]]:
    """Every pair (a, b), a < b, of the chosen blocks (all by default) that is alive at some step.

    A sweep over the births: O(n log n) and the number of pairs, which are local in a network.
    """
    indices = range(len(blocks)) if chosen is None else chosen
    alive: list[int] = []
    for index in sorted(indices, key=lambda index: blocks[index].first):
        birth = blocks[index].first
        alive = [other for other in alive if blocks[other].last > birth]
        for other in alive:
            yield (other, index) if other < index else (index, other)
        alive.append(index)


def violations(problem: Problem, offsets: Sequence[int]) -> list[tuple[int, ...]]:
    """What breaks a rule, sorted: (block,) where an offset is negative, not aligned or not the given one; else (a, b)."""
    if len(offsets) != len(problem.blocks):
        raise ValueError(f"{len(offsets)} offsets are given for {len(problem.blocks)} blocks")
    wrong: list[tuple[int, ...]] = [
        (index,)
        for index, (block, offset) in enumerate(zip(problem.blocks, offsets, strict=True))
        if offset < 0 or offset % block.alignment_bytes or problem.fixed.get(index, offset) != offset
    ]
    pairs = living_pairs(problem.blocks)
    wrong += [(a, b) for a, b in pairs if not problem.rule(a, b).allows(offsets[b] - offsets[a])]
    return sorted(wrong)
