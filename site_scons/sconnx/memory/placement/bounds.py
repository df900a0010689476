# SPDX-License-Identifier: Apache-2.0
"""A lower bound on the peak: the cells that the blocks of one step cover at least.

Blocks of one step that have no gap between them are disjoint, so what the connected groups of the gaps cover adds up. Within
a group, the union of some blocks is at least the sum of their sizes minus the largest possible overlap of each pair of them
(Bonferroni's inequality), and the group covers at least as much as any part of it. Only whole cells are counted; the highest
block may leave the rest of its last cell unused, which takes at most the largest such rest off the bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from sconnx.memory.placement.cells import Cells

_ALL_PARTS = 8
"""Groups up to this size are searched for the part with the best bound; of larger ones some parts are tried."""


def lower_bound_bytes(cells: Cells) -> int:
    """No placement has a lower peak."""
    gaps = gaps_by_block(cells)
    covered: dict[frozenset[int], int] = {}
    bound = 0
    for alive in living_sets(cells.first, cells.last):
        total = sum(cells.sizes[block] for block in alive)
        for group in _groups(gaps, alive):
            if group not in covered:
                covered[group] = _covers(cells, group)
            total += covered[group] - sum(cells.sizes[block] for block in group)
        bound = max(bound, total * cells.cell_bytes - max(cells.unused_bytes[block] for block in alive))
    return max(bound, _least_of_pairs(cells), _least_of_fixed(cells))


def living_sets(first: tuple[int, ...], last: tuple[int, ...]) -> Iterator[list[int]]:
    """The blocks alive at each step before which one is born and after which one dies; all other steps have fewer."""
    alive: list[int] = []
    grown = False
    for block in sorted(range(len(first)), key=lambda block: first[block]):
        birth = first[block]
        if grown and any(last[other] <= birth for other in alive):
            yield alive
            grown = False
        alive = [other for other in alive if last[other] > birth]
        alive.append(block)
        grown = True
    if grown:
        yield alive


def _groups(gaps: dict[int, list[int]], alive: Iterable[int]) -> list[frozenset[int]]:
    """The connected groups of two or more blocks of one step with gaps between them."""
    pending = {block for block in alive if block in gaps}
    groups = []
    while pending:
        group: set[int] = set()
        edge = {min(pending)}
        while edge:
            group |= edge
            edge = {other for block in edge for other in gaps[block] if other in pending} - group
        pending -= group
        if len(group) > 1:
            groups.append(frozenset(group))
    return groups


def _covers(cells: Cells, group: frozenset[int]) -> int:
    """Cells that the group covers at least."""

    def part_covers(part: Iterable[int]) -> int:
        blocks = sorted(part)
        shared = sum(largest_overlap(cells, a, b) for a, b in combinations(blocks, 2))
        return sum(cells.sizes[block] for block in blocks) - shared

    if len(group) <= _ALL_PARTS:
        parts = (part for count in range(1, len(group) + 1) for part in combinations(sorted(group), count))
        return max(map(part_covers, parts))
    best = max(cells.sizes[block] for block in group)
    part = set(group)
    while len(part) > 1:
        best = max(best, part_covers(part))
        part.remove(max(sorted(part), key=lambda block: part_covers(part - {block})))
    return best


def largest_overlap(cells: Cells, a: int, b: int) -> int:
    """Cells that two blocks of one step, a < b, can have in common."""
    rule = cells.gapped.get((a, b))
    if rule is None:
        return 0
    low, high = rule
    smaller = min(cells.sizes[a], cells.sizes[b])
    # The overlap grows with the distance until the smaller block is inside the larger one, and falls after that.
    inside_from, inside_to = sorted((0, cells.sizes[a] - cells.sizes[b]))
    if low >= high or low >= inside_from or high <= inside_to:
        return smaller
    return max(0, cells.sizes[b] + low, cells.sizes[a] - high)


def _least_of_pairs(cells: Cells) -> int:
    """The smallest extent of two blocks whose gap keeps them apart, the largest of all pairs."""
    least = 0
    for (a, b), (low, high) in cells.gapped.items():
        if low < high:
            a_bytes = cells.sizes[a] * cells.cell_bytes - cells.unused_bytes[a]
            b_bytes = cells.sizes[b] * cells.cell_bytes - cells.unused_bytes[b]
            below, above = low * cells.cell_bytes, high * cells.cell_bytes
            # With distance d the pair needs max(a_bytes, b_bytes + d) for d >= 0 and max(a_bytes - d, b_bytes) for d <= 0.
            needs = [max(a_bytes, b_bytes + max(above, 0)), max(a_bytes - min(below, 0), b_bytes)]
            least = max(least, min(needs))
    return least


def _least_of_fixed(cells: Cells) -> int:
    return max(
        (
            (offset + cells.sizes[block]) * cells.cell_bytes - cells.unused_bytes[block]
            for block, offset in cells.fixed.items()
        ),
        default=0,
    )


def gaps_by_block(cells: Cells) -> dict[int, list[int]]:
    """The blocks that each block has a gap with."""
    result: dict[int, list[int]] = {}
    for a, b in cells.gapped:
        result.setdefault(a, []).append(b)
        result.setdefault(b, []).append(a)
    return result
