# SPDX-License-Identifier: Apache-2.0
"""Whether a problem fits a capacity, and the lowest capacity that it fits, within a budget of search steps.

Blocks that find a place wherever the others are need no search. What is left falls into groups without a rule between them,
and each group is searched with several priorities in turn, with limits that grow: what one of them does not find in a long
time, another one often finds at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sconnx.memory.placement.cells import Cells
from sconnx.memory.placement.domain import Domain, make_domain
from sconnx.memory.placement.heuristics import pass_cost, place_in_order
from sconnx.memory.placement.search import Search
from sconnx.progress import progress

_FIRST_NODES = 200
"""The limit of the first run of each search, but at least one node for each block."""
_GROWTH = 1.25
"""By which the limit grows after all of them had a turn."""
_STRATEGIES = (
    ("candidates", "span"),
    ("lowest", "total"),
    ("floor", "size"),
    ("candidates", "area"),
    ("slack", "parts"),
)
_SEED = 20231
_BLUR = 0.5
_EXACT_ROUNDS = 6
"""The priority "lowest" learns nothing from failures. After some rounds its preferences are off by up to this part of their
values in every second run, so that it tries other ways."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search for a capacity found.

    Args:
        offsets: in cells; None without a placement.
        is_impossible: no placement ends within the capacity.
        nodes: decisions; steps: blocks looked at in steps, the unit of the budget.
        method: which strategy found the offsets of the largest group.
    """

    offsets: tuple[int, ...] | None
    is_impossible: bool
    nodes: int
    steps: int
    method: str = ""


def fit_cells(cells: Cells, capacity_bytes: int, limit_steps: int) -> Answer:
    """Look for a placement that ends within the capacity."""
    offsets = [-1] * len(cells.sizes)
    for block, offset in cells.fixed.items():
        offsets[block] = offset
        if offset > cells.highest_offset(block, capacity_bytes):
            return Answer(None, True, 0, 1)
    easy = _easy_blocks(cells, capacity_bytes)
    hard = sorted(set(range(len(offsets))) - set(easy) - set(cells.fixed))
    nodes, steps = 0, pass_cost(cells)
    method = ""
    for group in _groups(cells, hard):
        if steps >= limit_steps:
            return Answer(None, False, nodes, steps)
        with progress() as tell:
            answer = _fit_group(make_domain(cells, capacity_bytes, group), limit_steps - steps, tell)
        nodes, steps = nodes + answer.nodes, steps + answer.steps
        if answer.offsets is None:
            return Answer(None, answer.is_impossible, nodes, steps)
        for block, offset in zip(group, answer.offsets, strict=True):
            offsets[block] = offset
        method = method or answer.method
    _place_easy(cells, offsets, easy)
    return Answer(tuple(offsets), False, nodes, steps, method or "exact, all blocks easy")


def _easy_blocks(cells: Cells, capacity_bytes: int) -> list[int]:
    """Blocks that have a place wherever their rivals are, but for easy ones before them in the list."""
    free = [0] * len(cells.sizes)
    taken: list[dict[int, int]] = [{} for _ in cells.sizes]
    for block, grain in enumerate(cells.grains):
        free[block] = cells.highest_offset(block, capacity_bytes) // grain + 1
        for other, low, high in cells.rivals[block]:
            taken[block][other] = -(-(high - low - 1) // grain)
        free[block] -= sum(taken[block].values())
    easy = [block for block in range(len(free)) if free[block] > 0 and block not in cells.fixed]
    seen = set(easy) | set(cells.fixed)
    for block in easy:  # grows
        for other, _, _ in cells.rivals[block]:
            if other not in seen:
                free[other] += taken[other][block]
                if free[other] > 0:
                    seen.add(other)
                    easy.append(other)
    return easy


def _place_easy(cells: Cells, offsets: list[int], easy: Sequence[int]) -> None:
    """Place the easy blocks, the last of the list first, each at the lowest place that is free."""
    placed = {block: offset for block, offset in enumerate(offsets) if offset >= 0}
    offsets[:] = place_in_order(cells, easy[::-1], False, placed)


def _groups(cells: Cells, blocks: Sequence[int]) -> list[list[int]]:
    """The blocks in groups without a rule between them, the largest group first."""
    pending = set(blocks)
    groups = []
    for block in blocks:
        if block in pending:
            group = [block]
            pending.remove(block)
            for member in group:  # grows
                for other, _, _ in cells.rivals[member]:
                    if other in pending:
                        pending.remove(other)
                        group.append(other)
            groups.append(sorted(group))
    return sorted(groups, key=lambda group: (-len(group), group))


def _fit_group(domain: Domain, limit_steps: int, tell: Callable[[str], None]) -> Answer:
    """Let the strategies take turns until one of them knows, or the budget is spent."""
    searches: list[Search] = []
    preferences = _preferences(domain)
    draw, rounds = random.Random(_SEED).random, 0
    limit, spent = float(max(_FIRST_NODES, len(domain.sizes))), 0
    while True:
        for index, (priority, preference) in enumerate(_STRATEGIES):
            if len(searches) <= index:
                searches.append(Search(domain, priority, preferences[preference]))
            search = searches[index]
            before = search.steps
            if priority == "lowest" and rounds >= _EXACT_ROUNDS:
                blur = _BLUR * (rounds % 2)
                search.prefer([value * (1 + blur * draw()) for value in preferences[preference]])
            found = search.run(limit_steps - spent, int(limit))
            spent += search.steps - before
            tell(f"  placing {len(domain.sizes)} buffers: {spent / limit_steps:.0%} of limit= searched at most")
            if found is not None or spent >= limit_steps:
                return Answer(
                    offsets=tuple(found) if isinstance(found, list) else None,
                    is_impossible=found is False,
                    nodes=sum(each.nodes for each in searches),
                    steps=spent,
                    method=f"exact, {priority} and {preference}",
                )
        limit *= _GROWTH
        rounds += 1


def _preferences(domain: Domain) -> dict[str, list[float]]:
    """What makes a block preferred among the candidates of a step."""
    blocks = range(len(domain.sizes))
    totals = [sum(domain.weights[block] for block in members) for members in domain.members]
    return {
        "area": [float(domain.sizes[block] * domain.spans[block]) for block in blocks],
        "parts": [float(len(domain.parts[block])) for block in blocks],
        "size": [float(domain.sizes[block]) for block in blocks],
        "span": [float(domain.spans[block]) for block in blocks],
        "total": _by_rank(
            [
                (max(totals[part] for part in domain.parts[block]), domain.spans[block], domain.sizes[block])
                for block in blocks
            ]
        ),
    }


def _by_rank(keys: Sequence[tuple[int, ...]]) -> list[float]:
    """A number for each key that is larger for larger keys."""
    place = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    return [float(place[key]) for key in keys]
