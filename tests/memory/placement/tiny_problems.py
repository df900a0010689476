# SPDX-License-Identifier: Apache-2.0
"""Random problems that are small enough to try every offset, the trial itself, and the problems of other files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Problem

MINIMALLOC = Path(__file__).resolve().parents[3].parent / "shared/planner/minimalloc"


@st.composite
def blocks(draw: st.DrawFn, most: int = 5, largest: int = 5, steps: int = 4) -> tuple[Block, ...]:
    def block() -> Block:
        first = draw(st.integers(0, steps - 1))
        return Block(
            size_bytes=draw(st.integers(1, largest)),
            alignment_bytes=draw(st.sampled_from((1, 1, 2, 4))),
            first=first,
            last=draw(st.integers(first + 1, steps)),
        )

    return tuple(block() for _ in range(draw(st.integers(1, most))))


@st.composite
def problems(draw: st.DrawFn, gaps: bool = True, fixed: bool = True, wild: bool = True) -> Problem:
    """Problems of up to five blocks.

    Args:
        gaps, fixed: whether there are gaps and fixed offsets.
        wild: gaps may keep blocks apart, or let them meet above and below; otherwise each lets two blocks overlap on one
            side, as a layer's output and its input.
    """
    placed = draw(blocks())
    pairs = [(a, b) for b in range(len(placed)) for a in range(b) if placed[a].meets(placed[b])]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4)) if pairs and gaps else []
    rules = {pair: draw(_wild_gaps if wild else _layer_gaps(placed[pair[0]], placed[pair[1]])) for pair in chosen}
    problem = Problem(blocks=placed, gaps=rules)
    if fixed and draw(st.booleans()):
        index = draw(st.integers(0, len(placed) - 1))
        grain = placed[index].alignment_bytes
        problem = replace(problem, fixed={index: draw(st.integers(0, 8 // grain)) * grain})
    return problem


_wild_gaps = st.builds(Gap, low=st.integers(-7, 5), high=st.integers(-5, 7))


@st.composite
def _layer_gaps(draw: st.DrawFn, a: Block, b: Block) -> Gap:
    if draw(st.booleans()):
        return Gap(low=-b.size_bytes, high=draw(st.integers(-b.size_bytes, a.size_bytes)))
    return Gap(low=draw(st.integers(-b.size_bytes, a.size_bytes)), high=a.size_bytes)


def breaks_no_rule(problem: Problem, offsets: Sequence[int], index: int) -> bool:
    """Whether block `index` keeps its rules with itself and with all blocks before it."""
    block, offset = problem.blocks[index], offsets[index]
    if offset < 0 or offset % block.alignment_bytes or problem.fixed.get(index, offset) != offset:
        return False
    for other in range(index):
        if not problem.blocks[other].meets(block):
            continue
        distance = offset - offsets[other]
        gap = problem.gaps.get((other, index))
        if gap is None:
            if not (distance >= problem.blocks[other].size_bytes or -distance >= block.size_bytes):
                return False
        elif gap.low < distance < gap.high:
            return False
    return True


def fits(problem: Problem, capacity_bytes: int, offsets: tuple[int, ...] = ()) -> bool:
    """Whether any offsets end within the capacity, by trying all of them."""
    index = len(offsets)
    if index == len(problem.blocks):
        return True
    block = problem.blocks[index]
    for offset in range(0, capacity_bytes - block.size_bytes + 1, block.alignment_bytes):
        tried = (*offsets, offset)
        if breaks_no_rule(problem, tried, index) and fits(problem, capacity_bytes, tried):
            return True
    return False


def least_peak_bytes(problem: Problem) -> int:
    """The optimum, by trying all offsets at growing capacities."""
    capacity = max(problem.fixed.get(index, 0) + block.size_bytes for index, block in enumerate(problem.blocks))
    while not fits(problem, capacity):
        capacity += 1
    return capacity


def shuffled(problem: Problem, order: Sequence[int]) -> Problem:
    """The same problem with block order[i] in the place i."""
    place = {index: new for new, index in enumerate(order)}
    gaps = {}
    for (a, b), gap in problem.gaps.items():
        if place[a] < place[b]:
            gaps[place[a], place[b]] = gap
        else:
            gaps[place[b], place[a]] = Gap(low=-gap.high, high=-gap.low)
    return Problem(
        blocks=tuple(problem.blocks[index] for index in order),
        gaps=gaps,
        fixed={place[index]: offset for index, offset in problem.fixed.items()},
    )


def read_csv(path: Path) -> Problem:
    """A problem of MiniMalloc's benchmark: id, lower, upper, size."""
    with path.open(encoding="utf-8", newline="") as file:
        return Problem(
            blocks=tuple(
                Block(size_bytes=int(row["size"]), alignment_bytes=1, first=int(row["lower"]), last=int(row["upper"]))
                for row in csv.DictReader(file)
            )
        )
