# SPDX-License-Identifier: Apache-2.0
"""The canonical form: cells, rules on the alignment, and an order that the problem's order does not change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Problem
from sconnx.memory.placement.cells import to_cells
from tests.memory.placement.tiny_problems import problems, shuffled

thorough = settings(max_examples=200, deadline=None, derandomize=True)


def test_lengths_are_in_cells_of_the_smallest_alignment() -> None:
    blocks = (
        Block(size_bytes=5, alignment_bytes=4, first=0, last=1),
        Block(size_bytes=16, alignment_bytes=16, first=0, last=2),
    )
    cells = to_cells(Problem(blocks=blocks, gaps={(0, 1): Gap(low=-10, high=3)}, fixed={1: 32}))
    assert (cells.cell_bytes, cells.sizes, cells.unused_bytes, cells.grains) == (4, (2, 4), (3, 0), (1, 4))
    assert cells.rivals == (((1, -1, 3),), ((0, -3, 1),))
    assert cells.fixed == {1: 8}
    assert cells.peak_bytes((9, 0)) == 41
    assert cells.highest_offset(0, 44) == 9
    assert cells.highest_offset(1, 44) == 4


def test_a_gap_that_forbids_no_aligned_distance_is_no_rule() -> None:
    block = Block(size_bytes=8, alignment_bytes=8, first=0, last=1)
    cells = to_cells(Problem(blocks=(block, block), gaps={(0, 1): Gap(low=1, high=7)}))
    assert cells.rivals == ((), ())
    assert cells.gapped == {(0, 1): (0, 0)}


@thorough
@given(problem=problems(), data=st.data())
def test_the_form_of_a_shuffled_problem_is_the_same(problem: Problem, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(problem.blocks))))
    one, other = to_cells(problem), to_cells(shuffled(problem, order))
    if not problem.gaps:
        assert replace(one, source=()) == replace(other, source=())
    assert [problem.blocks[index] for index in one.source] == [problem.blocks[order[index]] for index in other.source]
