# SPDX-License-Identifier: Apache-2.0
"""Plans of graphs with states: what is kept between runs is intact, and becomes what it should."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.graph import Graph, StateUpdate
from sconnx.graph.json_form import to_bytes
from sconnx.graph.operator import Add, Relu, Reshape
from sconnx.graph.tensor import DType
from sconnx.memory.check import PlanViolation, check_plan
from sconnx.memory.describe import described
from sconnx.memory.meminfo import MemoryPlan
from sconnx.memory.planner import Memory, plan_memory
from sconnx.report.show_memory import meminfo_lines, schedule_lines
from sconnx.report.timeline import timeline_svg
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.memory.byte_machine import run_apart, run_as_planned
from tests.mixed_graphs import Mixed, made_up, mixed_graphs

thorough = settings(max_examples=150, deadline=None, derandomize=True)
RAM = [Memory(region="ram")]
policies = st.sampled_from(("keep", "clobber", "stream"))
modes = st.sampled_from(("ram", "speed"))


def planned(graph: Graph, policy: str = "clobber", optimize: str = "ram") -> tuple[Lowered, Schedule, MemoryPlan]:
    lowered = made_up(graph)
    one = policy if policy != "stream" or len(graph.inputs) == 1 else "clobber"
    schedule = ExportScheduler(one, optimize).schedule(lowered)
    return lowered, schedule, plan_memory(schedule, RAM, outputs=graph.outputs)


@thorough
@given(graph=mixed_graphs(least_states=1, most_states=3), policy=policies, optimize=modes)
def test_every_run_continues_the_one_before(graph: Graph, policy: str, optimize: str) -> None:
    assume(graph.states)
    try:
        lowered, schedule, plan = planned(graph, policy, optimize)
    except SconnxError as error:
        assert error.code == "E304"
        assume(False)
    check_plan(lowered, schedule, plan)
    for runs in (1, 3):
        have, want = run_as_planned(graph, schedule, plan, runs), run_apart(graph, runs)
        assert all(have[tensor] == want[tensor] for tensor in have)
    end = len(schedule.segments) + 1
    states = {update.state for update in graph.states}
    for mem in plan.tensors:
        assert mem.is_state == (mem.tensor in states)
        if mem.is_state:
            assert (mem.first, mem.last, mem.ring_rows, mem.relation) == (0, end, None, None)
    assert plan.state_bytes == sum(graph.tensors[state].size_bytes for state in states)


@thorough
@given(graph=mixed_graphs(least_states=1, most_states=2), policy=policies, data=st.data())
def test_the_checker_accepts_no_plan_that_loses_a_state(graph: Graph, policy: str, data: st.DataObject) -> None:
    assume(graph.states)
    try:
        lowered, schedule, plan = planned(graph, policy)
    except SconnxError:
        assume(False)
    moved = list(plan.tensors)
    which = data.draw(st.integers(0, len(moved) - 1))
    at = 8 * data.draw(st.integers(0, plan.arena_bytes // 8))
    moved[which] = replace(moved[which], offset_bytes=at)
    copies = data.draw(st.permutations(schedule.state_copies))
    changed, reordered = replace(plan, tensors=tuple(moved)), replace(schedule, state_copies=tuple(copies))
    try:
        check_plan(lowered, reordered, changed)
    except PlanViolation:
        return
    for runs in (1, 2, 3):
        have, want = run_as_planned(graph, reordered, changed, runs), run_apart(graph, runs)
        assert all(have[tensor] == want[tensor] for tensor in have)


def delay_line(length: int) -> Graph:
    """y = x + what x was `length` runs ago; each state becomes the one before, by way of two reshapes."""
    mixed = Mixed()
    x = mixed.input(DType.FLOAT32, 1, 4)
    states = [mixed.state(DType.FLOAT32, 1, 4) for _ in range(length)]
    following = [x, *states[:-1]]
    for state, before in zip(states, following, strict=True):
        flat = mixed.node(Reshape(dims=(4,)), before)
        mixed.builder.update_state(state, mixed.node(Reshape(dims=(1, 4)), flat))
    return mixed.builder.build([mixed.node(Add(), x, states[-1])]).graph


def test_a_state_is_read_before_it_is_overwritten() -> None:
    lowered, schedule, plan = planned(delay_line(3))
    graph = lowered.graph
    order = [copy.state for copy in schedule.state_copies]
    assert order == sorted(order, reverse=True)
    check_plan(lowered, schedule, plan)
    assert run_as_planned(graph, schedule, plan, 5) == {y: run_apart(graph, 5)[y] for y in graph.outputs}
    wrong = replace(schedule, state_copies=tuple(reversed(schedule.state_copies)))
    with pytest.raises(PlanViolation, match=r"the end of the run reads tensor \d+ where tensor 0 was written"):
        check_plan(lowered, wrong, plan)


def test_a_state_that_stays_needs_no_copy() -> None:
    mixed = Mixed()
    x, s = mixed.input(DType.INT8, 1, 4), mixed.state(DType.INT8, 1, 4)
    mixed.builder.update_state(s, mixed.node(Reshape(dims=(1, 4)), s))
    graph = mixed.builder.build([mixed.node(Add(), x, s)]).graph
    assert len(graph.states) == 1
    assert planned(graph)[1].state_copies == ()


def test_states_that_take_each_others_content() -> None:
    mixed = Mixed()
    x, a, b = mixed.input(DType.INT8, 1, 4), mixed.state(DType.INT8, 1, 4), mixed.state(DType.INT8, 1, 4)
    for state, other in ((a, b), (b, a)):
        mixed.builder.update_state(state, mixed.node(Reshape(dims=(1, 4)), other))
    graph = mixed.builder.build([mixed.node(Add(), x, mixed.node(Add(), a, b))]).graph
    with pytest.raises(SconnxError) as caught:
        planned(graph)
    assert str(caught.value) == (
        "mixed: error[E304]: the states 's1', 's2' take each other's content "
        "(help: compute one of them by a node that is no reshape)"
    )


def test_an_output_that_is_the_old_content_of_a_state() -> None:
    mixed = Mixed()
    x, s = mixed.input(DType.INT8, 1, 4), mixed.state(DType.INT8, 1, 4)
    mixed.builder.update_state(s, mixed.node(Add(), s, x))
    graph = mixed.builder.build([mixed.node(Reshape(dims=(4,)), s)]).graph
    with pytest.raises(SconnxError) as caught:
        planned(graph)
    assert str(caught.value) == (
        "mixed: error[E304]: output 't1_0' is what state 's1' was before the run, which overwrites it "
        "(help: use output=caller)"
    )
    lowered = made_up(graph)
    schedule = ExportScheduler("keep", "ram", "caller").schedule(lowered)
    check_plan(lowered, schedule, plan_memory(schedule, RAM, outputs=graph.outputs))


def test_what_a_state_becomes_is_kept_until_the_end() -> None:
    """It is the first thing that is computed, and nobody else reads it."""
    mixed = Mixed()
    x, s = mixed.input(DType.INT8, 1, 16), mixed.state(DType.INT8, 1, 16)
    mixed.builder.update_state(s, mixed.node(Add(), x, s))
    y = x
    for _ in range(3):
        y = mixed.node(Relu(), y)
    _lowered, schedule, plan = planned(mixed.builder.build([mixed.node(Add(), y, s)]).graph)
    assert schedule.state_copies == (StateUpdate(state=1, next=2),)
    assert plan.by_tensor()[2].last == len(schedule.segments) + 1
    assert plan.arena_bytes == 48


def test_people_see_what_is_kept() -> None:
    lowered, schedule, plan = planned(delay_line(2))
    shown = described(plan, lowered, schedule)
    lines = meminfo_lines(shown.to_json())
    assert "  32 bytes of these are state: they stay as they are between runs" in lines
    assert [line.split()[:2] for line in lines if line.startswith("  state ")] == [["state", "1"], ["state", "2"]]
    assert [line.split()[:2] for line in schedule_lines(schedule.to_json()) if line.startswith("  state ")] == [
        ["state", "1"],
        ["state", "2"],
    ]
    picture = timeline_svg(shown)
    assert picture.count('<g class="buffer state">') == 2 and "kept between runs" in picture


def test_the_files_hold_states() -> None:
    _lowered, schedule, plan = planned(delay_line(2))
    assert Schedule.from_json(json.loads(to_bytes(schedule.to_json()))) == schedule
    assert MemoryPlan.from_json(json.loads(to_bytes(plan.to_json()))) == plan
