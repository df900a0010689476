# SPDX-License-Identifier: Apache-2.0
"""Validation, and the check of offsets against one that tries every pair."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory.placement import Block, Gap, Placement, Problem, violations
from tests.memory.placement.tiny_problems import problems

thorough = settings(max_examples=200, deadline=None, derandomize=True)


def block(size_bytes: int = 4, alignment_bytes: int = 1, first: int = 0, last: int = 1) -> Block:
    return Block(size_bytes=size_bytes, alignment_bytes=alignment_bytes, first=first, last=last)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size_bytes": 0}, "a block has 0 bytes; it must have at least 1"),
        ({"alignment_bytes": 3}, "the alignment of a block is 3; it must be a power of two"),
        ({"alignment_bytes": 0}, "the alignment of a block is 0; it must be a power of two"),
        ({"first": 2, "last": 2}, "a block lives in [2, 2); it must live for at least one step"),
    ],
)
def test_impossible_blocks(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError) as error:
        block(**arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("gaps", "fixed", "message"),
    [
        (
            {(0, 3): Gap(low=0, high=0)},
            {},
            "a gap is given for (0, 3); it must be two of 3 blocks, the lower index first",
        ),
        (
            {(1, 0): Gap(low=0, high=0)},
            {},
            "a gap is given for (1, 0); it must be two of 3 blocks, the lower index first",
        ),
        ({(0, 2): Gap(low=0, high=0)}, {}, "a gap is given for (0, 2), which are never alive at one step"),
        ({}, {3: 0}, "an offset is given for block 3; there are 3 blocks"),
        ({}, {1: 2}, "the offset of block 1 is given as 2; it must be a multiple of 4 and not negative"),
        ({}, {0: -1}, "the offset of block 0 is given as -1; it must be a multiple of 1 and not negative"),
        ({}, {0: 2, 1: 4}, "the offsets given for blocks 0 and 1 break the rule between them"),
    ],
)
def test_impossible_problems(gaps: dict[tuple[int, int], Gap], fixed: dict[int, int], message: str) -> None:
    blocks = (block(), block(alignment_bytes=4), block(first=1, last=2))
    with pytest.raises(ValueError) as error:
        Problem(blocks=blocks, gaps=gaps, fixed=fixed)
    assert str(error.value) == message


def test_a_placement_says_whether_it_is_optimal() -> None:
    with pytest.raises(ValueError, match="the peak 4 is below the bound 5"):
        Placement(offsets=(0,), peak_bytes=4, lower_bound_bytes=5, is_optimal=False, method="")
    with pytest.raises(ValueError, match="a placement is optimal where its peak is the lower bound, and only there"):
        Placement(offsets=(0,), peak_bytes=4, lower_bound_bytes=3, is_optimal=True, method="")


def test_offsets_of_another_problem() -> None:
    with pytest.raises(ValueError, match="2 offsets are given for 1 blocks"):
        violations(Problem(blocks=(block(),)), (0, 4))


@thorough
@given(problem=problems(), data=st.data())
def test_violations(problem: Problem, data: st.DataObject) -> None:
    count = len(problem.blocks)
    offsets = data.draw(st.lists(st.integers(-1, 8), min_size=count, max_size=count))
    expected: list[tuple[int, ...]] = []
    for a, one in enumerate(problem.blocks):
        if offsets[a] < 0 or offsets[a] % one.alignment_bytes or problem.fixed.get(a, offsets[a]) != offsets[a]:
            expected.append((a,))
        for b in range(a + 1, count):
            other = problem.blocks[b]
            steps = set(range(one.first, one.last)) & set(range(other.first, other.last))
            if not steps:
                continue
            if (a, b) in problem.gaps:
                gap = problem.gaps[a, b]
                wrong = gap.low < offsets[b] - offsets[a] < gap.high
            else:
                one_bytes = range(offsets[a], offsets[a] + one.size_bytes)
                wrong = bool(set(one_bytes) & set(range(offsets[b], offsets[b] + other.size_bytes)))
            if wrong:
                expected.append((a, b))
    assert violations(problem, offsets) == sorted(expected)
