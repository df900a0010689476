# SPDX-License-Identifier: Apache-2.0
"""The planners: heuristics, then search for a lower peak or a proof, within a budget that is counted and not timed."""

from __future__ import annotations

from sconnx.memory.placement.bounds import lower_bound_bytes
from sconnx.memory.placement.cells import Cells, to_cells
from sconnx.memory.placement.exact import fit_cells
from sconnx.memory.placement.heuristics import Found, climb, greedy, pass_cost
from sconnx.memory.placement.problem import Placement, Problem
from sconnx.memory.planners import LIMIT_SECONDS

STEPS_PER_SECOND = 500_000
"""What a second of a limit stands for. A step is a look at one block in one step of its lifetime, or about as much work. A
slow machine takes longer for them, but finds the same."""

FEW_PASSES = 300
"""Passes of hill climbing that come before the search."""


def place(problem: Problem, planner: str = "auto", limit_seconds: float | None = None) -> Placement:
    """Offsets with a peak as low as the planner can find.

    Args:
        planner: "greedy" takes the best of a few orders. "auto" and "exact" go on where that is above the lower bound: with
            hill climbing and the search for a lower peak or the proof that there is none.
        limit_seconds: how long to search, as `STEPS_PER_SECOND`; by default as `LIMIT_SECONDS`.
    """
    if planner not in LIMIT_SECONDS:
        raise ValueError(f"planner is {planner!r}; it must be one of {', '.join(LIMIT_SECONDS)}")
    cells = to_cells(problem)
    if not problem.blocks:
        return _placement(cells, Found((), 0, "nothing to place"), 0, 0)
    bound = lower_bound_bytes(cells)
    best = greedy(cells, bound)
    nodes = 0
    if planner != "greedy" and best.peak_bytes > bound:
        seconds = LIMIT_SECONDS[planner] if limit_seconds is None else limit_seconds
        steps = int(seconds * STEPS_PER_SECOND)
        climbed, spent = climb(cells, bound, min(steps // 10, FEW_PASSES * pass_cost(cells)))
        best, bound, nodes = _lower(cells, min(best, climbed, key=lambda found: found.peak_bytes), bound, steps - spent)
    return _placement(cells, best, bound, nodes)


def fit(problem: Problem, capacity_bytes: int, limit_seconds: float = LIMIT_SECONDS["exact"]) -> Placement | None:
    """The first placement found that ends within the capacity; None where there is none, or none was found in time."""
    cells = to_cells(problem)
    if not problem.blocks:
        return _placement(cells, Found((), 0, "nothing to place"), 0, 0) if capacity_bytes >= 0 else None
    bound = lower_bound_bytes(cells)
    if bound > capacity_bytes:
        return None
    found = greedy(cells, capacity_bytes)
    if found.peak_bytes <= capacity_bytes:
        return _placement(cells, found, bound, 0)
    answer = fit_cells(cells, capacity_bytes, int(limit_seconds * STEPS_PER_SECOND))
    if answer.offsets is None:
        return None
    return _placement(
        cells, Found(answer.offsets, cells.peak_bytes(answer.offsets), answer.method), bound, answer.nodes
    )


def _lower(cells: Cells, best: Found, bound: int, steps: int) -> tuple[Found, int, int]:
    """A lower peak, a higher bound, and the nodes that were spent.

    Half of the budget goes to capacities between the bound and the peak, the bound first; the rest to the proof that a byte
    less than the best peak is impossible.
    """
    nodes = 0
    hopeless = bound - 1
    rest = steps
    while bound < best.peak_bytes and rest > 0:
        is_bisecting = hopeless + 1 < best.peak_bytes and rest > steps // 2
        if not is_bisecting:
            capacity, limit = best.peak_bytes - 1, rest
        elif hopeless < bound and rest == steps:
            capacity, limit = bound, steps // 4
        else:
            capacity, limit = (hopeless + best.peak_bytes) // 2, max(1, (rest - steps // 2) // 2 + steps // 32)
        answer = fit_cells(cells, capacity, limit)
        nodes += answer.nodes
        rest -= max(answer.steps, 1)
        if answer.offsets is not None:
            best = Found(answer.offsets, cells.peak_bytes(answer.offsets), answer.method)
        else:
            hopeless = max(hopeless, capacity)
            if answer.is_impossible:
                bound = max(bound, capacity + 1)
    return best, bound, nodes


def _placement(cells: Cells, found: Found, bound: int, nodes: int) -> Placement:
    return Placement(
        offsets=cells.offsets_bytes(found.offsets),
        peak_bytes=found.peak_bytes,
        lower_bound_bytes=bound,
        is_optimal=found.peak_bytes == bound,
        method=found.method,
        nodes=nodes,
    )
