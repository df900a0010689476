# SPDX-License-Identifier: Apache-2.0
"""The planners against the optimum by trial, in any order of the blocks, and on whole networks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Problem, fit, place, violations
from tests.memory.placement.chains import chain
from tests.memory.placement.tiny_problems import fits, least_peak_bytes, problems, shuffled

thorough = settings(max_examples=200, deadline=None, derandomize=True)


@thorough
@given(problem=problems())
def test_every_planner(problem: Problem) -> None:
    optimum = least_peak_bytes(problem)
    greedy, auto, exact = (place(problem, planner) for planner in ("greedy", "auto", "exact"))
    for found in (greedy, auto, exact):
        assert violations(problem, found.offsets) == []
        ends = [offset + block.size_bytes for offset, block in zip(found.offsets, problem.blocks, strict=True)]
        assert found.peak_bytes == max(ends)
        assert found.lower_bound_bytes <= optimum <= found.peak_bytes
    assert auto.is_optimal
    assert exact.is_optimal
    assert exact.peak_bytes == auto.peak_bytes == optimum


@thorough
@given(problem=problems(), spare=st.integers(-1, 1))
def test_fit(problem: Problem, spare: int) -> None:
    capacity = least_peak_bytes(problem) + spare
    found = fit(problem, capacity)
    if found is None:
        assert not fits(problem, capacity)
    else:
        assert found.peak_bytes <= capacity
        assert violations(problem, found.offsets) == []


@thorough
@given(problem=problems(), data=st.data(), planner=st.sampled_from(("greedy", "auto")))
def test_the_order_of_the_blocks_does_not_matter(problem: Problem, data: st.DataObject, planner: str) -> None:
    order = data.draw(st.permutations(range(len(problem.blocks))))
    one, other = place(problem, planner), place(shuffled(problem, order), planner)
    assert (one.peak_bytes, one.lower_bound_bytes) == (other.peak_bytes, other.lower_bound_bytes)
    if not problem.gaps:
        blocks = problem.blocks
        placed = sorted((blocks[index].first, blocks[index].last, blocks[index].size_bytes, offset)
                        for index, offset in enumerate(one.offsets))  # fmt: skip
        assert placed == sorted(
            (blocks[index].first, blocks[index].last, blocks[index].size_bytes, offset)
            for index, offset in zip(order, other.offsets, strict=True)
        )


@pytest.mark.parametrize("count", [10, 100, 400])
def test_chains(count: int) -> None:
    for gaps in (False, True):
        problem = chain(count, seed=count, gaps=gaps)
        found = place(problem)
        assert violations(problem, found.offsets) == []
        assert found.is_optimal
        assert found.peak_bytes <= place(problem, "greedy").peak_bytes


def test_a_budget_gives_the_same_again_and_never_more_than_the_orders() -> None:
    problem = chain(60, seed=3, gaps=True)
    greedy = place(problem, "greedy")
    for seconds in (0.0, 0.001, 0.01):
        found = place(problem, "exact", seconds)
        assert found == place(problem, "exact", seconds)
        assert greedy.lower_bound_bytes <= found.lower_bound_bytes <= found.peak_bytes <= greedy.peak_bytes


def test_a_long_chain_has_no_rules_beyond_its_neighbours() -> None:
    problem = chain(5000, seed=1, gaps=True)
    found = place(problem)
    assert violations(problem, found.offsets) == []
    assert found.is_optimal


def test_nothing_to_place() -> None:
    found = place(Problem(blocks=()))
    assert (found.offsets, found.peak_bytes, found.is_optimal) == ((), 0, True)
    assert fit(Problem(blocks=()), 0) == found


def test_an_unknown_planner() -> None:
    with pytest.raises(ValueError) as error:
        place(Problem(blocks=()), "best")
    assert str(error.value) == "planner is 'best'; it must be one of greedy, auto, exact"


def test_a_chain_in_place_needs_the_larger_of_two_neighbours() -> None:
    """Each output starts a little below its input, as a window of three rows does that is written row by row."""
    sizes = (96, 48, 48, 24, 10)
    blocks = tuple(
        Block(size_bytes=size, alignment_bytes=4, first=step, last=step + 2) for step, size in enumerate(sizes)
    )
    gaps = {(step, step + 1): Gap(low=-8, high=sizes[step]) for step in range(len(sizes) - 1)}
    found = place(Problem(blocks=blocks, gaps=gaps))
    assert found.is_optimal
    assert found.peak_bytes == 104
