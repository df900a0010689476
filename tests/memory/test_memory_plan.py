# SPDX-License-Identifier: Apache-2.0
"""Scheduler, planner and checker together, against a machine that runs the plan on bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
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
from sconnx.memory.planner import Memory, Search, plan_memory
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.memory.byte_machine import run_apart, run_as_planned
from tests.tiny_models import Chain, lowered_of, random_models, renumbered, tiny_model


@dataclass(frozen=True)
class Policy:
    """What a build may ask for."""

    input: str = "keep"
    optimize: str = "ram"


inputs = ("keep", "clobber", "stream")
policies = st.builds(Policy, st.sampled_from(inputs), st.sampled_from(("speed", "balanced", "ram")))
thorough = settings(max_examples=150, deadline=None, derandomize=True)
TRANSPOSE = Transpose(permutation=(1, 0))
RAM = [Memory(region="ram")]


def planned(model: Model, policy: Policy = Policy(), planner: str = "auto") -> tuple[Lowered, Schedule, MemoryPlan]:
    """The plan; a model with several inputs cannot stream, and clobbers them instead."""
    lowered = lowered_of(model)
    several = policy.input == "stream" and len(model.graph.inputs) != 1
    schedule = ExportScheduler("clobber" if several else policy.input, policy.optimize).schedule(lowered)
    return lowered, schedule, plan_memory(schedule, RAM, Search(planner=planner), outputs=model.graph.outputs)


def works(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> bool:
    """Whether the application finds what it must, by running the plan on bytes."""
    if any(mem.end_bytes > plan.arena_bytes for mem in plan.tensors):
        return False
    have, want = run_as_planned(lowered.graph, schedule, plan), run_apart(lowered.graph)
    return all(have[tensor] == want[tensor] for tensor in have)


@thorough
@given(model=random_models(), policy=policies)
def test_every_plan_works(model: Model, policy: Policy) -> None:
    lowered, schedule, plan = planned(model, policy)
    check_plan(lowered, schedule, plan)
    assert works(lowered, schedule, plan)


@thorough
@given(model=random_models(), policy=policies)
def test_tensors_live_from_their_first_step_to_their_last(model: Model, policy: Policy) -> None:
    """From the graph and the segments alone."""
    _lowered, schedule, plan = planned(model, policy)
    graph, end = model.graph, len(schedule.segments)
    step_of = {node: step for step, segment in enumerate(schedule.segments) for node in segment.nodes}
    pushed = [step for step, segment in enumerate(schedule.segments) if segment.pushed is not None]
    # Aliases of an input come before its first row is pushed, and touch nothing.
    step_of = {node: max(step, *pushed) if pushed else step for node, step in step_of.items()}
    for index, tensor in enumerate(graph.tensors):
        if isinstance(tensor, Constant):
            continue
        mem = plan.by_tensor()[index]
        readers = [step_of[number] for number, node in enumerate(graph.nodes) if index in node.reads]
        writers = [step_of[number] for number, node in enumerate(graph.nodes) if index in node.outputs]
        kept = index in graph.outputs or (schedule.input_policy == "keep" and index in graph.inputs)
        assert mem.first <= min([*readers, *writers, end])
        assert mem.last >= max([*readers, *writers, end if kept else 0]) + 1
        rows = tensor.height if mem.ring_rows is None else mem.ring_rows
        if mem.ring_rows is None or index not in graph.inputs:
            assert mem.size_bytes == tensor.size_bytes // tensor.height * rows
        assert mem.end_bytes <= plan.arena_bytes
        assert mem.relation is not None or mem.offset_bytes % plan.alignment_bytes == 0


@thorough
@given(model=random_models(), policy=policies)
def test_the_peak_is_between_its_bounds(model: Model, policy: Policy) -> None:
    _lowered, schedule, plan = planned(model, policy, planner="exact")
    greedy = planned(model, policy, planner="greedy")[2]
    (arena,), (other,) = plan.arenas, greedy.arenas
    assert arena.lower_bound_bytes <= arena.size_bytes <= other.size_bytes
    assert arena.is_optimal == (arena.lower_bound_bytes == arena.size_bytes)
    assert arena.size_bytes <= sum(4 * -(-lifetime.size_bytes // 4) for lifetime in schedule.lifetimes)


@thorough
@given(model=random_models(), policy=policies)
def test_less_ram_is_what_the_modes_are_for(model: Model, policy: Policy) -> None:
    """Streaming and overwriting inputs never cost arena, as far as placements are optimal."""
    plans = [
        planned(model, replace(policy, optimize=mode), planner="exact")[2] for mode in ("ram", "balanced", "speed")
    ]
    assert all(arena.is_optimal for plan in plans for arena in plan.arenas)
    ram, balanced, speed = (plan.arena_bytes for plan in plans)
    assert ram <= balanced and ram <= speed


@thorough
@given(model=random_models(), policy=policies, data=st.data())
def test_the_checker_accepts_no_plan_that_does_not_work(model: Model, policy: Policy, data: st.DataObject) -> None:
    lowered, schedule, plan = planned(model, policy)
    offsets = [mem.offset_bytes for mem in plan.tensors]
    places = st.one_of(st.sampled_from(offsets), st.integers(0, plan.arena_bytes // 4).map(lambda words: 4 * words))
    moved = list(plan.tensors)
    for _ in range(data.draw(st.integers(0, 2))):
        which = data.draw(st.integers(0, len(moved) - 1))
        moved[which] = replace(moved[which], offset_bytes=data.draw(places))
    steps = set(plan.reversed_steps)
    if data.draw(st.booleans()):
        steps ^= {data.draw(st.integers(0, max(len(schedule.segments) - 1, 0)))}
    shorter = data.draw(st.sampled_from((0, 0, 4)))
    arena = replace(plan.arenas[0], size_bytes=max(plan.arena_bytes - shorter, 0))
    changed = replace(plan, tensors=tuple(moved), arenas=(arena,), reversed_steps=tuple(sorted(steps)))
    try:
        check_plan(lowered, schedule, changed)
    except PlanViolation:
        return
    assert works(lowered, schedule, changed)


@thorough
@given(model=random_models(), policy=policies, data=st.data())
def test_the_order_of_the_lifetimes_does_not_matter(model: Model, policy: Policy, data: st.DataObject) -> None:
    _, schedule, plan = planned(model, policy)
    shuffled = data.draw(st.permutations(schedule.lifetimes))
    other = plan_memory(replace(schedule, lifetimes=tuple(shuffled)), RAM)
    assert other.arenas == plan.arenas


@thorough
@given(model=random_models(), policy=policies, data=st.data())
def test_the_numbers_of_the_tensors_do_not_matter(model: Model, policy: Policy, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(model.graph.tensors))))
    lowered, schedule, plan = planned(renumbered(model, order), policy)
    check_plan(lowered, schedule, plan)
    assert works(lowered, schedule, plan)
    assert plan.arenas[0].lower_bound_bytes == planned(model, policy)[2].arenas[0].lower_bound_bytes


@given(model=random_models(), policy=policies)
def test_the_files_hold_everything(model: Model, policy: Policy) -> None:
    _, schedule, plan = planned(model, policy)
    assert Schedule.from_json(json.loads(to_bytes(schedule.to_json()))) == schedule
    assert MemoryPlan.from_json(json.loads(to_bytes(plan.to_json()))) == plan


def test_the_plan_file_is_read_back(tmp_path: Path) -> None:
    _, _, plan = planned(tiny_model())
    (tmp_path / "meminfo.json").write_bytes(to_bytes(plan.to_json()))
    assert read_plan(tmp_path / "meminfo.json") == plan


# Plans that are wrong in one known way.

CLOBBER = Policy("clobber", "speed")


def two_transposes() -> tuple[Lowered, Schedule, MemoryPlan]:
    """x -> t0 -> t1, 8 bytes each, nothing in place."""
    chain = Chain()
    x = chain.input(2, 4)
    first = chain.node(TRANSPOSE, x, name="first")
    return planned(chain.build(chain.node(TRANSPOSE, first, name="second")))


def moved(plan: MemoryPlan, tensor: int, offset_bytes: int) -> MemoryPlan:
    mems = (replace(mem, offset_bytes=offset_bytes) if mem.tensor == tensor else mem for mem in plan.tensors)
    return replace(plan, tensors=tuple(mems))


def resized(plan: MemoryPlan, arena_bytes: int) -> MemoryPlan:
    return replace(plan, arenas=(replace(plan.arenas[0], size_bytes=arena_bytes),))


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
    message = violation(lowered, schedule, resized(plan, 20))
    assert message.endswith(f"touches tensor {last.tensor} at 16..24, outside ram")
    longer = resized(plan, 28)
    assert violation(lowered, schedule, longer) == "the replay touches 24 bytes of ram, the plan has 28"


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
    elsewhere = resized(moved(plan, flat, 8), 16)
    assert violation(lowered, schedule, elsewhere) == "node 'flat' reads tensor 1 where nothing was written"


def sliding() -> tuple[Lowered, Schedule, MemoryPlan]:
    """A pooling over three rows of four, whose output may follow one row behind its input."""
    chain = Chain()
    x = chain.input(1, 4, 1, 4)
    pool = chain.node(MaxPooling2D(kernel_dims=(3, 1), padding=(1, 0, 1, 0)), x, name="pool")
    return planned(chain.build(pool), CLOBBER)


def test_rows_follow_their_input_at_the_distance_that_their_window_needs() -> None:
    _lowered, schedule, plan = sliding()
    assert plan.arena_bytes == 24
    (overlap,) = schedule.overlaps
    assert (overlap.forward_bytes, overlap.reversed_bytes) == (8, 8)
    relation = plan.by_tensor()[1].relation
    assert relation is not None and (relation.kind, abs(relation.offset_bytes)) == ("overlap", 8)


def test_rows_of_an_overwritten_input() -> None:
    lowered, schedule, plan = sliding()
    forward = replace(moved(moved(plan, 0, 8), 1, 0), reversed_steps=())
    check_plan(lowered, schedule, forward)
    closer = resized(moved(forward, 0, 4), 20)
    assert violation(lowered, schedule, closer) == "node 'pool', row 1, writes tensor 1 over tensor 0 while reading it"
    backward = replace(moved(moved(plan, 0, 0), 1, 8), reversed_steps=(0,))
    check_plan(lowered, schedule, backward)
    assert works(lowered, schedule, backward)
    other_way = replace(backward, reversed_steps=())
    assert violation(lowered, schedule, other_way) == "node 'pool', row 1, reads tensor 0 where tensor 1 was written"


def streaming() -> tuple[Lowered, Schedule, MemoryPlan]:
    """Two poolings over three rows that take turns; what is between them is a ring."""
    chain = Chain()
    window = MaxPooling2D(kernel_dims=(3, 1), padding=(1, 0, 1, 0))
    first = chain.node(window, chain.input(1, 8, 1, 8), name="first")
    second = chain.node(replace(window, stride_dims=(4, 1)), first, name="second")
    return planned(chain.build(second), Policy("keep"))


def test_a_ring_that_is_too_short() -> None:
    lowered, schedule, plan = streaming()
    (ring,) = (mem for mem in plan.tensors if mem.ring_rows == 3)
    shorter = replace(ring, ring_rows=2, size_bytes=16)
    changed = replace(plan, tensors=tuple(shorter if mem == ring else mem for mem in plan.tensors))
    message = violation(lowered, schedule, changed)
    assert message == f"node 'second', row 1, reads tensor {ring.tensor} where tensor {ring.tensor} was written"


# In place, and what must survive.


def relations(model: Model, policy: str) -> dict[int, tuple[str, int]]:
    lowered, schedule, plan = planned(model, Policy(policy, "speed"))
    check_plan(lowered, schedule, plan)
    return {mem.tensor: (mem.relation.kind, mem.relation.of) for mem in plan.tensors if mem.relation}


def test_the_last_node_leaves_kept_inputs_alone() -> None:
    chain = Chain()
    x = chain.input(1, 8)
    model = chain.build(chain.node(Relu(), x))
    assert relations(model, "keep") == {}
    assert relations(model, "clobber") == {1: ("in_place", 0)}
    assert [planned(model, Policy(policy))[2].arena_bytes for policy in ("keep", "clobber")] == [16, 8]


def test_the_last_node_leaves_other_outputs_alone() -> None:
    chain = Chain()
    first = chain.node(Softmax(), chain.input(1, 8))
    second = chain.node(Relu(), first)
    assert relations(chain.build(first, second), "clobber") == {1: ("in_place", 0)}


def test_the_last_node_leaves_aliased_outputs_alone() -> None:
    chain = Chain()
    first = chain.node(TRANSPOSE, chain.input(1, 8))
    flat = chain.node(Reshape(dims=(8,)), first)
    second = chain.node(Relu(), first)
    assert relations(chain.build(flat, second), "clobber") == {2: ("alias", 1)}


def test_an_input_that_is_an_output_survives_clobber() -> None:
    chain = Chain()
    x = chain.input(1, 8)
    y = chain.node(Relu(), x)
    assert relations(chain.build(x, y), "clobber") == {}


def test_a_chain_needs_two_places() -> None:
    chain = Chain()
    tensor = chain.node(TRANSPOSE, chain.input(1, 8))
    for _ in range(3):
        tensor = chain.node(Relu(), tensor)
    assert planned(chain.build(chain.node(Reshape(dims=(8,)), tensor)), CLOBBER)[2].arena_bytes == 16


def test_the_same_operand_twice_and_two_aliases_of_it() -> None:
    chain = Chain()
    first = chain.node(TRANSPOSE, chain.input(1, 8))
    doubled = chain.node(Add(), first, first)
    assert doubled not in relations(chain.build(doubled), "clobber")
    again = chain.node(Reshape(dims=(8, 1)), first)
    total = chain.node(Add(), first, again)
    lowered, schedule, plan = planned(chain.build(total), CLOBBER)
    check_plan(lowered, schedule, plan)
    assert works(lowered, schedule, plan)


def test_sizes_are_rounded_up_to_the_alignment() -> None:
    chain = Chain()
    lowered, schedule, plan = planned(chain.build(chain.node(TRANSPOSE, chain.input(1, 5))))
    check_plan(lowered, schedule, plan)
    assert (plan.alignment_bytes, plan.arena_bytes) == (4, 16)
    assert sorted(mem.offset_bytes for mem in plan.tensors) == [0, 8]


def test_impossible_places_are_refused() -> None:
    good = MemInfo(tensor=3, region="ram", offset_bytes=8, size_bytes=4, alignment_bytes=4, first=0, last=1)
    with pytest.raises(ValueError, match="tensor 3: 4 bytes at offset 6 is no place"):
        replace(good, offset_bytes=6)
    with pytest.raises(ValueError, match="tensor 3: 4 bytes at offset -4 is no place"):
        replace(good, offset_bytes=-4)
    with pytest.raises(ValueError, match=r"tensor 3: lifetime \[1, 1\) is empty"):
        replace(good, first=1)
    with pytest.raises(ValueError, match="tensor 3: 4 bytes are no ring of 3 rows"):
        replace(good, ring_rows=3)
    with pytest.raises(ValueError, match="relation kind is 'over'; it must be one of alias, part, in_place, overlap"):
        Relation(kind="over", of=0)
