# SPDX-License-Identifier: Apache-2.0
"""Placements in a given order: rules are kept, and each block is where the fit says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Problem, violations
from sconnx.memory.placement.bounds import lower_bound_bytes
from sconnx.memory.placement.cells import to_cells
from sconnx.memory.placement.heuristics import climb, greedy, orders, place_in_order
from tests.memory.placement.tiny_problems import problems

thorough = settings(max_examples=200, deadline=None, derandomize=True)


@thorough
@given(problem=problems(), data=st.data(), tightest=st.booleans())
def test_any_order_keeps_the_rules(problem: Problem, data: st.DataObject, tightest: bool) -> None:
    cells = to_cells(problem)
    order = data.draw(st.permutations(range(len(problem.blocks))))
    offsets = cells.offsets_bytes(place_in_order(cells, order, tightest))
    assert violations(problem, offsets) == []


@thorough
@given(problem=problems())
def test_hill_climbing_is_never_worse_than_an_order(problem: Problem) -> None:
    cells = to_cells(problem)
    bound = lower_bound_bytes(cells)
    first, climbed = greedy(cells, bound), climb(cells, bound, 100)[0]
    for found in (first, climbed):
        assert violations(problem, cells.offsets_bytes(found.offsets)) == []
        assert found.peak_bytes == cells.peak_bytes(found.offsets) >= bound
    assert climbed.peak_bytes <= first.peak_bytes
    for order in orders(cells).values():
        assert first.peak_bytes <= cells.peak_bytes(place_in_order(cells, order, True))


def _holes() -> Problem:
    """Free places of 7 bytes at 0 and of 4 at 9, for a block of 3."""
    sizes_and_offsets = ((2, 7), (2, 13))
    blocks = tuple(Block(size_bytes=size, alignment_bytes=1, first=0, last=1) for size, _ in sizes_and_offsets)
    small = Block(size_bytes=3, alignment_bytes=1, first=0, last=1)
    return Problem(blocks=(*blocks, small), fixed={0: 7, 1: 13})


def test_the_tightest_and_the_lowest_place() -> None:
    problem = _holes()
    cells = to_cells(problem)
    assert cells.offsets_bytes(place_in_order(cells, range(3), True)) == (7, 13, 9)
    assert cells.offsets_bytes(place_in_order(cells, range(3), False)) == (7, 13, 0)


def test_a_gap_lets_an_output_start_in_its_input() -> None:
    block = Block(size_bytes=8, alignment_bytes=4, first=0, last=1)
    problem = Problem(blocks=(block, block), gaps={(0, 1): Gap(low=-3, high=8)})
    found = greedy(to_cells(problem), 0)
    assert found.peak_bytes == 12


def test_hill_climbing_finds_what_orders_miss() -> None:
    spans = ((5, 0, 2), (4, 1, 3), (3, 2, 5), (6, 3, 6), (2, 0, 6), (4, 4, 6), (3, 0, 1), (3, 5, 6))
    blocks = tuple(Block(size_bytes=size, alignment_bytes=1, first=first, last=last) for size, first, last in spans)
    cells = to_cells(Problem(blocks=blocks))
    assert climb(cells, lower_bound_bytes(cells), 1000)[0].peak_bytes == lower_bound_bytes(cells)
