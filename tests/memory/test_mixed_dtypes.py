# SPDX-License-Identifier: Apache-2.0
"""Plans of graphs with tensors of several dtypes: every element is aligned, and elements of two sizes share bytes rightly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Graph
from sconnx.graph.operator import Quantize
from sconnx.graph.tensor import DType
from sconnx.memory.check import PlanViolation, check_plan
from sconnx.memory.meminfo import MemInfo, MemoryPlan
from sconnx.memory.planner import Memory, plan_memory
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.memory.byte_machine import run_apart, run_as_planned
from tests.mixed_graphs import Mixed, made_up, mixed_graphs

thorough = settings(max_examples=150, deadline=None, derandomize=True)
RAM = [Memory(region="ram")]


def planned(graph: Graph, policy: str, optimize: str, scratch: dict[int, int]) -> tuple[Lowered, Schedule, MemoryPlan]:
    lowered = made_up(graph, scratch)
    schedule = ExportScheduler(policy, optimize).schedule(lowered)
    return lowered, schedule, plan_memory(schedule, RAM, outputs=graph.outputs)


policies = st.sampled_from(("keep", "clobber"))
modes = st.sampled_from(("ram", "speed"))
scratches = st.dictionaries(st.integers(0, 7), st.integers(1, 9), max_size=3)


@thorough
@given(graph=mixed_graphs(), policy=policies, optimize=modes, scratch=scratches)
def test_every_plan_works_and_every_element_is_aligned(
    graph: Graph, policy: str, optimize: str, scratch: dict[int, int]
) -> None:
    lowered, schedule, plan = planned(graph, policy, optimize, scratch)
    check_plan(lowered, schedule, plan)
    for mem in plan.tensors:
        unit = 4 if mem.scratch_of is not None else graph.tensors[mem.tensor].dtype.size_bytes
        assert mem.offset_bytes % unit == 0 and plan.alignment_bytes % unit == 0
        assert mem.ring_rows is None or mem.size_bytes // mem.ring_rows % unit == 0
    have, want = run_as_planned(graph, schedule, plan), run_apart(graph)
    assert all(have[tensor] == want[tensor] for tensor in have)


@thorough
@given(graph=mixed_graphs(most_states=1), policy=policies, optimize=modes, words=st.integers(0, 40))
def test_plans_in_two_memories_work(graph: Graph, policy: str, optimize: str, words: int) -> None:
    lowered = made_up(graph)
    try:
        schedule = ExportScheduler(policy, optimize).schedule(lowered)
    except SconnxError as error:
        assert error.code == "E304"
        assume(False)
    memories = [Memory(region="fast", capacity_bytes=4 * words), Memory(region="slow", access_cycles=3)]
    plan = plan_memory(schedule, memories, outputs=graph.outputs)
    check_plan(lowered, schedule, plan)
    assert all(mem.offset_bytes % mem.alignment_bytes == 0 for mem in plan.tensors)
    have, want = run_as_planned(graph, schedule, plan, 2), run_apart(graph, 2)
    assert all(have[tensor] == want[tensor] for tensor in have)


@thorough
@given(graph=mixed_graphs(), policy=policies, optimize=modes, data=st.data())
def test_the_checker_accepts_no_plan_that_does_not_work(
    graph: Graph, policy: str, optimize: str, data: st.DataObject
) -> None:
    lowered, schedule, plan = planned(graph, policy, optimize, {})
    moved = list(plan.tensors)
    for _ in range(data.draw(st.integers(1, 2))):
        which = data.draw(st.integers(0, len(moved) - 1))
        at = data.draw(st.integers(0, plan.arena_bytes))
        moved[which] = replace(moved[which], offset_bytes=at, alignment_bytes=1)
    changed = replace(plan, tensors=tuple(moved))
    try:
        check_plan(lowered, schedule, changed)
    except PlanViolation:
        return
    assert all(mem.offset_bytes % graph.tensors[mem.tensor].dtype.size_bytes == 0 for mem in moved)
    have, want = run_as_planned(graph, schedule, changed), run_apart(graph)
    assert all(have[tensor] == want[tensor] for tensor in have)


def converted(source: DType, target: DType, count: int = 16) -> tuple[Lowered, Schedule, MemoryPlan]:
    mixed = Mixed()
    graph = mixed.builder.build([mixed.node(Quantize(), mixed.input(source, count), dtype=target)]).graph
    return planned(graph, "clobber", "ram", {})


def places(plan: MemoryPlan) -> list[tuple[int, int]]:
    by_tensor: dict[int, MemInfo] = plan.by_tensor()
    return [(by_tensor[tensor].offset_bytes, by_tensor[tensor].size_bytes) for tensor in (0, 1)]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        # Ascending in place: element i of the output ends before element i + 1 of the input begins.
        (DType.FLOAT32, DType.INT8, [(0, 64), (0, 16)]),
        # Byte 4 (i + 1) of the output is written before byte i + 1 of the input is read: 45 bytes apart, and words.
        (DType.INT8, DType.FLOAT32, [(48, 16), (0, 64)]),
        (DType.INT16, DType.FLOAT32, [(32, 32), (0, 64)]),
        (DType.INT32, DType.FLOAT32, [(0, 64), (0, 64)]),
        (DType.INT64, DType.FLOAT32, [(0, 128), (0, 64)]),
        (DType.BOOL, DType.INT64, [(108, 16), (0, 128)]),
    ],
)
def test_a_conversion_takes_the_room_of_the_larger_side(
    source: DType, target: DType, expected: list[tuple[int, int]]
) -> None:
    _lowered, _schedule, plan = converted(source, target)
    assert places(plan) == expected
    assert plan.arena_bytes == max(source.size_bytes, target.size_bytes) * 16


def test_an_int64_needs_an_arena_of_eight() -> None:
    assert converted(DType.INT8, DType.INT64)[2].alignment_bytes == 8
    assert converted(DType.INT8, DType.FLOAT32)[2].alignment_bytes == 4
    lowered, schedule, plan = converted(DType.INT64, DType.INT8)
    with pytest.raises(PlanViolation) as caught:
        check_plan(lowered, schedule, replace(plan, alignment_bytes=4))
    assert str(caught.value) == "tensor 0 is at 0 of an arena aligned to 4; it must be at a multiple of 8"


def test_a_float_between_words_is_refused() -> None:
    lowered, schedule, plan = converted(DType.INT8, DType.FLOAT32)
    moved = tuple(
        replace(mem, offset_bytes=mem.offset_bytes + 2 * mem.tensor, alignment_bytes=1) for mem in plan.tensors
    )
    with pytest.raises(PlanViolation) as caught:
        check_plan(lowered, schedule, replace(plan, tensors=moved))
    assert str(caught.value) == "tensor 1 is at 2 of an arena aligned to 4; it must be at a multiple of 4"
