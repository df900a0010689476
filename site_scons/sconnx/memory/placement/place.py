# SPDX-License-Identifier: Apache-2.0
"""The planners: heuristics, then search for a proof or a lower peak within a budget of search nodes."""

from __future__ import annotations

from sconnx.memory.placement.bounds import lower_bound_bytes
from sconnx.memory.placement.cells import Cells, to_cells
from sconnx.memory.placement.heuristics import Found, climb, greedy
from sconnx.memory.placement.problem import Placement, Problem

PLANNERS = ("auto", "greedy", "exact")
NODES_PER_SECOND = 4000
"""What a limit in seconds stands for: a slow machine may take longer, but finds the same."""


def place(problem: Problem, planner: str = "auto", limit_seconds: float = 2.0) -> Placement:
    """Offsets with a peak as low as the planner can find.

    Args:
        planner: "greedy" takes the best of a few orders; "auto" goes on with search where its peak is above the lower bound.
        limit_seconds: how long to search, as `NODES_PER_SECOND` nodes a second whatever the machine does.
    """
    if planner not in PLANNERS:
        raise ValueError(f"planner is {planner!r}; it must be one of {', '.join(PLANNERS)}")
    cells = to_cells(problem)
    if not problem.blocks:
        return _placement(cells, Found((), 0, "nothing to place"), 0, 0)
    bound = lower_bound_bytes(cells)
    found = greedy(cells, bound)
    spent = 0
    if planner != "greedy" and found.peak_bytes > bound:
        climbed, spent = climb(cells, bound, int(limit_seconds * NODES_PER_SECOND))
        if climbed.peak_bytes < found.peak_bytes:
            found = climbed
    return _placement(cells, found, bound, spent)


def fit(problem: Problem, capacity_bytes: int, limit_seconds: float = 2.0) -> Placement | None:
    """The first placement found that ends within the capacity; None where there is none, or none was found in time."""
    placement = place(problem, "auto", limit_seconds)
    return placement if placement.peak_bytes <= capacity_bytes else None


def _placement(cells: Cells, found: Found, bound: int, nodes: int) -> Placement:
    return Placement(
        offsets=cells.offsets_bytes(found.offsets),
        peak_bytes=found.peak_bytes,
        lower_bound_bytes=bound,
        is_optimal=found.peak_bytes == bound,
        method=found.method,
        nodes=nodes,
    )
