# SPDX-License-Identifier: Apache-2.0
"""The lower bound against the optimum by trial, and where it must be tight."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Problem
from sconnx.memory.placement.bounds import largest_overlap, lower_bound_bytes
from sconnx.memory.placement.cells import to_cells
from tests.memory.placement.tiny_problems import least_peak_bytes, problems

thorough = settings(max_examples=300, deadline=None, derandomize=True)


def block(size_bytes: int, first: int = 0, last: int = 1, alignment_bytes: int = 1) -> Block:
    return Block(size_bytes=size_bytes, alignment_bytes=alignment_bytes, first=first, last=last)


def bound(*blocks: Block, gaps: dict[tuple[int, int], Gap] | None = None) -> int:
    return lower_bound_bytes(to_cells(Problem(blocks=blocks, gaps=gaps or {})))


@thorough
@given(problem=problems())
def test_the_bound_is_never_above_the_optimum(problem: Problem) -> None:
    assert lower_bound_bytes(to_cells(problem)) <= least_peak_bytes(problem)


@thorough
@given(problem=problems(wild=False, fixed=False))
def test_the_bound_is_never_above_the_optimum_with_gaps_of_layers(problem: Problem) -> None:
    assert lower_bound_bytes(to_cells(problem)) <= least_peak_bytes(problem)


def test_disjoint_blocks_add_up() -> None:
    assert bound(block(3), block(4), block(5, first=1, last=2)) == 7


def test_the_last_block_may_end_within_its_cell() -> None:
    assert bound(block(5, alignment_bytes=4), block(6, alignment_bytes=4), block(8, alignment_bytes=4)) == 21


def test_an_output_that_overlaps_its_input_in_part() -> None:
    assert bound(block(8), block(8), gaps={(0, 1): Gap(low=-2, high=8)}) == 10


def test_an_output_over_two_dying_inputs_needs_both_inputs() -> None:
    free = Gap(low=0, high=0)
    assert bound(block(8), block(8), block(8), gaps={(0, 2): free, (1, 2): free}) == 16


def test_a_gap_that_keeps_blocks_apart() -> None:
    assert bound(block(4), block(4), gaps={(0, 1): Gap(low=-20, high=30)}) == 24


@thorough
@given(sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)), low=st.integers(-9, 9), high=st.integers(-9, 9))
def test_largest_overlap(sizes: tuple[int, int], low: int, high: int) -> None:
    problem = Problem(blocks=(block(sizes[0]), block(sizes[1], last=2)), gaps={(0, 1): Gap(low=low, high=high)})
    distances = [distance for distance in range(-30, 30) if not low < distance < high]
    shared = [len(set(range(sizes[0])) & set(range(distance, distance + sizes[1]))) for distance in distances]
    assert largest_overlap(to_cells(problem), 0, 1) == max(shared)
