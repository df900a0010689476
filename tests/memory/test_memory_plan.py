# SPDX-License-Identifier: Apache-2.0
"""Scheduler, planner and checker together, against a machine that runs the plan on bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.export.lowered import Lowered
from sconnx.graph.json_form import to_bytes
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, MaxPooling2D, Relu, Reshape, Softmax, Transpose
from sconnx.graph.tensor import Constant
from sconnx.memory.check import PlanViolation, check_plan
from sconnx.memory.meminfo import MemInfo, MemoryPlan, Relation, read_plan
from sconnx.memory.planner import buffers, plan_memory
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.memory.byte_machine import run_apart, run_in_arena
from tests.tiny_models import Chain, lowered_of, random_models, renumbered, tiny_model

policies = st.sampled_from(("keep", "clobber"))
thorough = settings(max_examples=150, deadline=None, derandomize=True)
TRANSPOSE = Transpose(permutation=(1, 0))


def planned(model: Model, policy: str = "keep") -> tuple[Lowered, Schedule, MemoryPlan]:
    lowered = lowered_of(model)
    schedule = ExportScheduler(policy).schedule(lowered)
    return lowered, schedule, plan_memory(schedule, "ram")


def works(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> bool:
    """Whether the application finds what it must, by running the plan on bytes."""
    graph = lowered.graph
    offsets = {mem.tensor: mem.offset_bytes for mem in plan.tensors}
    if any(mem.offset_bytes + graph.tensors[mem.tensor].size_bytes > plan.arena_bytes for mem in plan.tensors):
        return False
    have, want = run_in_arena(graph, schedule.order, offsets, plan.arena_bytes), run_apart(graph)
    checked = {*graph.outputs, *(graph.inputs if schedule.input_policy == "keep" else ())}
    return all(have[tensor] == want[tensor] for tensor in checked)


def needed_until(model: Model, policy: str) -> dict[int, tuple[int, int]]:
    """For each tensor in the arena the steps [first, last) at which its bytes must be right, from the graph alone."""
    graph = model.graph
    end = max(len(graph.nodes), 1)
    spans = {}
    for index, tensor in enumerate(graph.tensors):
        if isinstance(tensor, Constant):
            continue
        first = next((step for step, node in enumerate(graph.nodes) if index in node.outputs), 0)
        last = max([first + 1] + [step + 1 for step, node in enumerate(graph.nodes) if index in node.reads])
        kept = index in graph.outputs or (policy == "keep" and index in graph.inputs)
        spans[index] = (first, end if kept else last)
    return spans


@thorough
@given(model=random_models(), policy=policies)
def test_every_plan_works(model: Model, policy: str) -> None:
    lowered, schedule, plan = planned(model, policy)
    check_plan(lowered, schedule, plan)
    assert works(lowered, schedule, plan)


@thorough
@given(model=random_models(), policy=policies)
def test_live_tensors_never_overlap(model: Model, policy: str) -> None:
    lowered, schedule, plan = planned(model, policy)
    spans = needed_until(model, policy)
    assert {lifetime.tensor: (lifetime.first, lifetime.last) for lifetime in schedule.lifetimes} == spans
    source = {lifetime.tensor: lifetime.relation.of for lifetime in schedule.lifetimes if lifetime.relation}
    group = {tensor: tensor for tensor in spans}
    for tensor in spans:
        while group[tensor] in source:
            group[tensor] = source[group[tensor]]
    places = plan.by_tensor()
    for tensor in spans:
        assert places[tensor].offset_bytes % plan.alignment_bytes == 0
        assert places[tensor].size_bytes == lowered.graph.tensors[tensor].size_bytes
        assert places[tensor].end_bytes <= plan.arena_bytes
        assert places[tensor].offset_bytes == places[group[tensor]].offset_bytes
    for a in spans:
        for b in spans:
            alive_together = max(spans[a][0], spans[b][0]) < min(spans[a][1], spans[b][1])
            if group[a] != group[b] and alive_together:
                apart = places[a].end_bytes <= places[b].offset_bytes or places[b].end_bytes <= places[a].offset_bytes
                assert apart, (a, b)


@thorough
@given(model=random_models(), policy=policies)
def test_the_peak_is_between_its_bounds(model: Model, policy: str) -> None:
    _, schedule, plan = planned(model, policy)
    spans = needed_until(model, policy)
    shared = buffers(schedule)
    for step in range(max(len(model.graph.nodes), 1)):
        alive = [buffer for buffer in shared if buffer.first <= step < buffer.last]
        assert sum(buffer.size_bytes for buffer in alive) <= plan.lower_bound_bytes
        assert {t for t, (first, last) in spans.items() if first <= step < last} <= {
            tensor for buffer in alive for tensor in buffer.tensors
        }
    assert plan.lower_bound_bytes <= plan.arena_bytes <= sum(buffer.size_bytes for buffer in shared)


@thorough
@given(model=random_models(), policy=policies, data=st.data())
def test_the_checker_accepts_no_plan_that_does_not_work(model: Model, policy: str, data: st.DataObject) -> None:
    lowered, schedule, plan = planned(model, policy)
    offsets = [mem.offset_bytes for mem in plan.tensors]
    places = st.one_of(st.sampled_from(offsets), st.integers(0, plan.arena_bytes // 4).map(lambda words: 4 * words))
    moved = list(plan.tensors)
    for _ in range(data.draw(st.integers(1, 2))):
        which = data.draw(st.integers(0, len(moved) - 1))
        moved[which] = replace(moved[which], offset_bytes=data.draw(places))
    shorter = data.draw(st.sampled_from((0, 0, 4)))
    changed = replace(plan, tensors=tuple(moved), arena_bytes=max(plan.arena_bytes - shorter, 0))
    try:
        check_plan(lowered, schedule, changed)
    except PlanViolation:
        return
    assert works(lowered, schedule, changed)


@thorough
@given(model=random_models(), policy=policies, data=st.data())
def test_the_order_of_the_lifetimes_does_not_matter(model: Model, policy: str, data: st.DataObject) -> None:
    _, schedule, plan = planned(model, policy)
    shuffled = data.draw(st.permutations(schedule.lifetimes))
    other = plan_memory(replace(schedule, lifetimes=tuple(shuffled)), "ram")
    assert other.by_tensor() == plan.by_tensor()
    assert (other.arena_bytes, other.lower_bound_bytes) == (plan.arena_bytes, plan.lower_bound_bytes)


@thorough
@given(model=random_models(), policy=policies, data=st.data())
def test_the_numbers_of_the_tensors_do_not_matter(model: Model, policy: str, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(model.graph.tensors))))
    lowered, schedule, plan = planned(renumbered(model, order), policy)
    check_plan(lowered, schedule, plan)
    assert works(lowered, schedule, plan)
    assert plan.lower_bound_bytes == planned(model, policy)[2].lower_bound_bytes


@given(model=random_models(), policy=policies)
def test_the_files_hold_everything(model: Model, policy: str) -> None:
    _, schedule, plan = planned(model, policy)
    assert Schedule.from_json(json.loads(to_bytes(schedule.to_json()))) == schedule
    assert MemoryPlan.from_json(json.loads(to_bytes(plan.to_json()))) == plan


def test_the_plan_file_is_read_back(tmp_path: Path) -> None:
    _, _, plan = planned(tiny_model())
    (tmp_path / "meminfo.json").write_bytes(to_bytes(plan.to_json()))
    assert read_plan(tmp_path / "meminfo.json") == plan


# Plans that are wrong in one known way.


def two_transposes() -> tuple[Lowered, Schedule, MemoryPlan]:
    """x -> t0 -> t1, 8 bytes each, nothing in place."""
    chain = Chain()
    x = chain.input(2, 4)
    first = chain.node(TRANSPOSE, x, name="first")
    return planned(chain.build(chain.node(TRANSPOSE, first, name="second")))


def moved(plan: MemoryPlan, tensor: int, offset_bytes: int) -> MemoryPlan:
    mems = (replace(mem, offset_bytes=offset_bytes) if mem.tensor == tensor else mem for mem in plan.tensors)
    return replace(plan, tensors=tuple(mems))


def violation(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> str:
    with pytest.raises(PlanViolation) as caught:
        check_plan(lowered, schedule, plan)
    assert "touches" in str(caught.value) or not works(lowered, schedule, plan)
    return str(caught.value)


def test_a_tensor_moved_onto_another_one() -> None:
    lowered, schedule, plan = two_transposes()
    places = [mem.offset_bytes for mem in plan.tensors]
    assert sorted(places) == [0, 8, 16]
    x, first, second = places
    on_input = moved(plan, 1, x)
    assert violation(lowered, schedule, on_input) == "node 'first' writes tensor 1 over tensor 0 while reading it"
    partly = moved(plan, 1, x + 4 if x < 16 else x - 4)
    assert "while reading it" in violation(lowered, schedule, partly)
    assert (
        violation(lowered, schedule, moved(plan, 2, x)) == "the application reads tensor 0 where tensor 2 was written"
    )
    swapped = moved(moved(plan, 0, first), 1, x)
    check_plan(lowered, schedule, swapped)  # both are 8 bytes: a swap is another good plan
    assert works(lowered, schedule, swapped)
    assert second not in (x, first)


def test_an_arena_that_is_too_short_or_too_long() -> None:
    lowered, schedule, plan = two_transposes()
    last = max(plan.tensors, key=lambda mem: mem.offset_bytes)
    message = violation(lowered, schedule, replace(plan, arena_bytes=20))
    assert message.endswith(f"writes tensor {last.tensor} at 16..24, outside the arena")
    longer = replace(plan, arena_bytes=28)
    assert violation(lowered, schedule, longer) == "the replay touches 24 bytes, the plan has 28"


def test_a_swap_of_different_sizes() -> None:
    chain = Chain()
    small, large = chain.input(1, 4), chain.input(1, 40)
    out = chain.node(Relu(), chain.node(TRANSPOSE, large))
    lowered, schedule, plan = planned(chain.build(out, small))
    places = plan.by_tensor()
    swapped = moved(moved(plan, small, places[large].offset_bytes), large, places[small].offset_bytes)
    violation(lowered, schedule, swapped)


def test_a_place_of_another_size() -> None:
    lowered, schedule, plan = two_transposes()
    smaller = tuple(replace(mem, size_bytes=4) if mem.tensor == 1 else mem for mem in plan.tensors)
    with pytest.raises(PlanViolation, match="tensor 1 has 8 bytes, its place 4"):
        check_plan(lowered, schedule, replace(plan, tensors=smaller))


def test_an_alias_that_is_not_in_the_place_of_its_source() -> None:
    chain = Chain()
    x = chain.input(1, 8)
    flat = chain.node(Reshape(dims=(8,)), x, name="flat")
    lowered, schedule, plan = planned(chain.build(flat))
    assert plan.by_tensor()[flat].offset_bytes == 0
    elsewhere = replace(moved(plan, flat, 8), arena_bytes=16)
    assert violation(lowered, schedule, elsewhere) == "node 'flat' reads tensor 1 where nothing was written"


def test_rows_of_an_overwritten_input() -> None:
    chain = Chain()
    x = chain.input(1, 4, 1, 4)
    pool = chain.node(MaxPooling2D(kernel_dims=(3, 1), padding=(1, 0, 1, 0)), x, name="pool")
    lowered, schedule, plan = planned(chain.build(pool), "clobber")
    assert plan.arena_bytes == 32
    over = replace(moved(moved(plan, x, 0), pool, 0), arena_bytes=16)
    assert violation(lowered, schedule, over) == "node 'pool', row 1, reads tensor 0 where tensor 1 was written"
    # One row of distance is what this window needs; the checker allows it, the planner does not try it yet.
    diagonal = replace(moved(moved(plan, x, 8), pool, 0), arena_bytes=24)
    check_plan(lowered, schedule, diagonal)
    assert works(lowered, schedule, diagonal)


# In place, and what must survive.


def relations(model: Model, policy: str) -> dict[int, Relation]:
    _, schedule, plan = planned(model, policy)
    check_plan(lowered_of(model), schedule, plan)
    return {lifetime.tensor: lifetime.relation for lifetime in schedule.lifetimes if lifetime.relation}


def test_the_last_node_leaves_kept_inputs_alone() -> None:
    chain = Chain()
    x = chain.input(1, 8)
    model = chain.build(chain.node(Relu(), x))
    assert relations(model, "keep") == {}
    assert relations(model, "clobber") == {1: Relation(kind="in_place", of=0)}
    assert [planned(model, policy)[2].arena_bytes for policy in ("keep", "clobber")] == [16, 8]


def test_the_last_node_leaves_other_outputs_alone() -> None:
    chain = Chain()
    first = chain.node(Softmax(), chain.input(1, 8))
    second = chain.node(Relu(), first)
    assert relations(chain.build(first, second), "clobber") == {1: Relation(kind="in_place", of=0)}


def test_the_last_node_leaves_aliased_outputs_alone() -> None:
    chain = Chain()
    first = chain.node(TRANSPOSE, chain.input(1, 8))
    flat = chain.node(Reshape(dims=(8,)), first)
    second = chain.node(Relu(), first)
    assert relations(chain.build(flat, second), "clobber") == {2: Relation(kind="alias", of=1)}


def test_an_input_that_is_an_output_survives_clobber() -> None:
    chain = Chain()
    x = chain.input(1, 8)
    y = chain.node(Relu(), x)
    assert relations(chain.build(x, y), "clobber") == {}


def test_a_chain_shares_one_buffer() -> None:
    chain = Chain()
    tensor = chain.node(TRANSPOSE, chain.input(1, 8))
    for _ in range(3):
        tensor = chain.node(Relu(), tensor)
    _, schedule, plan = planned(chain.build(chain.node(Reshape(dims=(8,)), tensor)))
    assert [buffer.tensors for buffer in buffers(schedule)] == [(0,), (1, 2, 3, 4, 5)]
    assert plan.arena_bytes == 16


def test_the_same_operand_twice_and_two_aliases_of_it() -> None:
    chain = Chain()
    first = chain.node(TRANSPOSE, chain.input(1, 8))
    doubled = chain.node(Add(), first, first)
    assert doubled not in relations(chain.build(doubled), "clobber")
    again = chain.node(Reshape(dims=(8, 1)), first)
    total = chain.node(Add(), first, again)
    lowered, schedule, plan = planned(chain.build(total), "clobber")
    check_plan(lowered, schedule, plan)
    assert works(lowered, schedule, plan)


def test_sizes_are_rounded_up_to_the_alignment() -> None:
    chain = Chain()
    model = chain.build(chain.node(TRANSPOSE, chain.input(1, 5)))
    schedule = ExportScheduler("keep").schedule(lowered_of(model))
    for alignment in (1, 4, 16):
        plan = plan_memory(schedule, "ram", alignment)
        check_plan(lowered_of(model), schedule, plan)
        assert (plan.alignment_bytes, plan.arena_bytes) == (alignment, 2 * max(alignment, 5 + -5 % alignment))


def test_impossible_places_are_refused() -> None:
    good = MemInfo(tensor=3, region="ram", offset_bytes=8, size_bytes=4, alignment_bytes=4, first=0, last=1)
    with pytest.raises(ValueError, match="tensor 3: 4 bytes at offset 6 is no place"):
        replace(good, offset_bytes=6)
    with pytest.raises(ValueError, match="tensor 3: 4 bytes at offset -4 is no place"):
        replace(good, offset_bytes=-4)
    with pytest.raises(ValueError, match=r"tensor 3: lifetime \[1, 1\) is empty"):
        replace(good, first=1)
    with pytest.raises(ValueError, match="relation kind is 'over'; it must be 'alias' or 'in_place'"):
        Relation(kind="over", of=0)
