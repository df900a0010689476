# SPDX-License-Identifier: Apache-2.0
"""The search against the optimum by trial, and with every budget."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Problem, violations
from sconnx.memory.placement.cells import to_cells
from sconnx.memory.placement.domain import make_domain
from sconnx.memory.placement.exact import fit_cells
from sconnx.memory.placement.search import Search
from tests.memory.placement.tiny_problems import fits, least_peak_bytes, problems

thorough = settings(max_examples=300, deadline=None, derandomize=True)
PLENTY = 1_000_000


def check(problem: Problem) -> None:
    """The search finds the optimum, and proves that one byte less is impossible."""
    cells = to_cells(problem)
    peak = least_peak_bytes(problem)
    answer = fit_cells(cells, peak, PLENTY)
    assert answer.offsets is not None
    assert violations(problem, cells.offsets_bytes(answer.offsets)) == []
    assert cells.peak_bytes(answer.offsets) == peak
    answer = fit_cells(cells, peak - 1, PLENTY)
    assert answer.offsets is None
    assert answer.is_impossible


@thorough
@given(problem=problems(gaps=False, fixed=False))
def test_disjoint_blocks(problem: Problem) -> None:
    check(problem)


@thorough
@given(problem=problems(wild=False))
def test_gaps_of_layers(problem: Problem) -> None:
    check(problem)


@thorough
@given(problem=problems())
def test_wild_gaps_and_fixed_blocks(problem: Problem) -> None:
    check(problem)


@thorough
@given(
    problem=problems(), slack=st.integers(-1, 1), priority=st.sampled_from(("candidates", "slack", "product", "floor"))
)
def test_every_priority_without_the_easy_blocks_taken_off(problem: Problem, slack: int, priority: str) -> None:
    cells = to_cells(problem)
    given = [offset + problem.blocks[block].size_bytes for block, offset in problem.fixed.items()]
    capacity = max(least_peak_bytes(problem) + slack, *given, 0)
    loose = sorted(set(range(len(problem.blocks))) - set(cells.fixed))
    domain = make_domain(cells, capacity, loose)
    found = Search(domain, priority, [float(size) for size in domain.sizes]).run(PLENTY)
    if isinstance(found, list):
        offsets = dict(zip(loose, found, strict=True)) | cells.fixed
        placed = [offsets[block] for block in range(len(problem.blocks))]
        assert violations(problem, cells.offsets_bytes(placed)) == []
        assert cells.peak_bytes(placed) <= capacity
    else:
        assert found is False
        assert not loose or not fits(problem, capacity)


@thorough
@given(problem=problems(), limit=st.integers(1, 30))
def test_a_search_that_was_interrupted_goes_on(problem: Problem, limit: int) -> None:
    cells = to_cells(problem)
    peak = least_peak_bytes(problem)
    loose = sorted(set(range(len(problem.blocks))) - set(cells.fixed))
    for capacity in (peak, peak - 1):
        domain = make_domain(cells, capacity, loose)
        search = Search(domain, "candidates", [float(size) for size in domain.sizes])
        found: list[int] | bool | None = None
        while found is None:
            limit *= 2
            found = search.run(limit)
        assert isinstance(found, list) or not fits(problem, capacity)


def test_an_order_that_no_potential_explains() -> None:
    """Three blocks of which each may start below the one before: no block is the lowest of its step by its rules alone."""
    block = Block(size_bytes=4, alignment_bytes=1, first=0, last=1)
    gaps = {(0, 1): Gap(low=-9, high=-2), (1, 2): Gap(low=-9, high=-2), (0, 2): Gap(low=2, high=9)}
    check(Problem(blocks=(block, block, block), gaps=gaps))


@pytest.mark.parametrize("limit", [0, 1, 10])
def test_a_budget_that_is_too_small(limit: int) -> None:
    spans = ((5, 0, 2), (4, 1, 3), (3, 2, 5), (6, 3, 6), (2, 0, 6), (4, 4, 6), (3, 0, 1), (3, 5, 6))
    blocks = tuple(Block(size_bytes=size, alignment_bytes=1, first=first, last=last) for size, first, last in spans)
    answer = fit_cells(to_cells(Problem(blocks=blocks)), 12, limit)
    assert answer.offsets is None
    assert not answer.is_impossible
