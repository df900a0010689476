# SPDX-License-Identifier: Apache-2.0
"""Scratch buffers: in the memory plan, apart from all that lives, and the last argument of the call."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.export.access import Access, Elementwise
from sconnx.export.library import ExportLib
from sconnx.export.lowered import Lowered
from sconnx.export.node import ExportNode
from sconnx.export.spec import ImplSpec
from sconnx.graph.model import Model
from sconnx.memory.check import PlanViolation, check_plan
from sconnx.memory.meminfo import MemInfo, MemoryPlan, scratch_key
from sconnx.memory.planner import Memory, plan_memory
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from tests.export import cortex_x0
from tests.export.made_up import Made, lowered_by, rule
from tests.export.workshop import Workshop
from tests.tiny_models import generic_lib, random_models

Planned = tuple[Lowered, Schedule, MemoryPlan]


def greedy(scratch: list[int]) -> ExportLib:
    """Takes everything; node n wants scratch[n % len] bytes."""

    class Greedy(Made):
        def access(self, node: ExportNode) -> Access:
            return accesses[node.type]

        def scratch_bytes(self, node: ExportNode) -> int:
            return scratch[node.index % len(scratch)]

    accesses: dict[str, Access] = {"Relu": Elementwise(), "Add": Elementwise()}
    lib = ExportLib("greedy")
    for operator in accesses:
        lib.register(operator, ImplSpec())(Greedy)
    return lib


def planned(model: Model, scratch: list[int], policy: str = "keep") -> Planned:
    lowered = lowered_by(model.graph, greedy(scratch), generic_lib())
    schedule = ExportScheduler(policy).schedule(lowered)
    return lowered, schedule, plan_memory(schedule, [Memory(region="ram")])


def is_apart(one: MemInfo, other: MemInfo) -> bool:
    return one.end_bytes <= other.offset_bytes or other.end_bytes <= one.offset_bytes


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    model=random_models(),
    scratch=st.lists(st.integers(0, 70), min_size=1, max_size=4),
    policy=st.sampled_from(("keep", "clobber")),
)
def test_apart_from_all_that_lives(model: Model, scratch: list[int], policy: str) -> None:
    lowered, schedule, plan = planned(model, scratch, policy)
    check_plan(lowered, schedule, plan)
    places = plan.by_tensor()
    wanted = {index: choice.scratch_bytes for index, choice in enumerate(lowered.choices) if choice.scratch_bytes}
    found = {mem.scratch_of: mem for mem in plan.tensors if mem.scratch_of is not None}
    assert {node: mem.size_bytes for node, mem in found.items()} == wanted
    for node, mem in found.items():
        assert mem == places[scratch_key(node)]
        assert (mem.first, mem.last, mem.relation) == (node, node + 1, None)
        assert mem.offset_bytes % plan.alignment_bytes == 0
        alive = [other for other in plan.tensors if other is not mem and other.first <= node < other.last]
        assert set(lowered.graph.nodes[node].outputs) <= {other.tensor for other in alive}
        assert all(is_apart(mem, other) for other in alive)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(model=random_models(), scratch=st.lists(st.integers(1, 40), min_size=1, max_size=3), data=st.data())
def test_the_checker_finds_a_scratch_buffer_in_the_wrong_place(
    model: Model, scratch: list[int], data: st.DataObject
) -> None:
    lowered, schedule, plan = planned(model, scratch)
    buffers = [mem for mem in plan.tensors if mem.scratch_of is not None]
    if not buffers:
        return
    mem = data.draw(st.sampled_from(buffers))
    node = lowered.graph.nodes[mem.scratch_of or 0]
    # Over what its node reads or writes, so that it is lost or the scratch is.
    victims = [plan.by_tensor()[tensor] for tensor in (*node.reads, *node.outputs) if tensor in plan.by_tensor()]
    moved = replace(mem, offset_bytes=data.draw(st.sampled_from(victims)).offset_bytes)
    wrong = replace(plan, tensors=tuple(moved if other is mem else other for other in plan.tensors))
    with pytest.raises(PlanViolation, match=r"scratch of node|outside the arena|the replay touches"):
        check_plan(lowered, schedule, wrong)


def test_the_checker_compares_sizes() -> None:
    lowered = lowered_by(cortex_x0.network().graph, scratch_lib(12))
    schedule = ExportScheduler().schedule(lowered)
    plan = plan_memory(schedule, [Memory(region="ram")])
    check_plan(lowered, schedule, plan)
    small = tuple(replace(mem, size_bytes=8) if mem.scratch_of == 1 else mem for mem in plan.tensors)
    with pytest.raises(PlanViolation, match="the scratch of node 1 has 12 bytes, its place 8"):
        check_plan(lowered, schedule, replace(plan, tensors=small))


def scratch_lib(size_bytes: int) -> ExportLib:
    lib = ExportLib("x0")
    lib.register("PaddedConv2D", ImplSpec())(rule("Padded", scratch=size_bytes))
    return lib


def test_a_plan_without_a_scratch_buffer_that_is_needed() -> None:
    lowered = lowered_by(cortex_x0.network().graph, scratch_lib(12))
    schedule = ExportScheduler().schedule(lowered)
    without = replace(schedule, lifetimes=tuple(life for life in schedule.lifetimes if life.scratch_of is None))
    with pytest.raises(PlanViolation, match="the scratch of node 0"):
        check_plan(lowered, without, plan_memory(without, [Memory(region="ram")]))


def test_files_keep_it() -> None:
    lowered = lowered_by(cortex_x0.network().graph, scratch_lib(12))
    schedule = ExportScheduler().schedule(lowered)
    plan = plan_memory(schedule, [Memory(region="ram")])
    assert MemoryPlan.from_json(plan.to_json()) == plan
    assert Schedule.from_json(schedule.to_json()) == schedule


def test_it_is_the_last_argument(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The core's kernel, which keeps its sums there; test_export_lib shows that its results are right."""
    folder = tmp_path_factory.mktemp("x0")
    cpu = cortex_x0.make(folder)
    exported = workshop.export(cortex_x0.network(), rules=[folder / "rules"], target=str(cpu))
    calls = re.findall(r"^ *x0_padded_conv2d\((.*)\);$", exported.text("x0net.c"), re.MULTILINE)
    places = exported.plan.by_tensor()
    assert len(calls) == 2
    for node, call in enumerate(calls):
        output = places[exported.lowered.graph.nodes[node].outputs[0]]
        row_bytes = (
            exported.lowered.graph.tensors[output.tensor].dims[2]
            * exported.lowered.graph.tensors[output.tensor].dims[3]
        )
        scratch = places[scratch_key(node)].offset_bytes
        assert (
            call
            == f"&x0net_p{node}, rows, ctx->arena + {output.offset_bytes} + y * {row_bytes}, ctx->arena + {scratch}"
        )
