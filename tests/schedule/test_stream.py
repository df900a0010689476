# SPDX-License-Identifier: Apache-2.0
"""Rings and distances are just large enough: as they are the checker accepts them, one less and it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sconnx.export.access import Columns, Fold, Window
from sconnx.export.lowered import Lowered
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, MaxPooling2D, Relu
from sconnx.memory.blocks import groups
from sconnx.memory.check import PlanViolation, check_plan
from sconnx.memory.meminfo import Arena, MemInfo, MemoryPlan
from sconnx.memory.planner import Memory, plan_memory
from sconnx.schedule.calls import NodeCalls, Rows
from sconnx.schedule.schedule import Schedule
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.schedule.segments import Segmenter, can_stream
from sconnx.schedule.sharing import find_sharing
from sconnx.schedule.stream import call_order, simulate
from sconnx.schedule.timeline import timeline, with_application
from tests.memory.byte_machine import run_apart, run_as_planned
from tests.tiny_models import Chain, lowered_of, random_models

thorough = settings(max_examples=150, deadline=None, derandomize=True)


def spread_out(schedule: Schedule, **offsets: int) -> MemoryPlan:
    """Every group at a place of its own, but for those that are given as t<root>=offset."""
    start, places = 1 << 16, {}
    for group in groups(schedule, 4):
        places[group.root] = offsets.get(f"t{group.root}", start)
        start += group.size_bytes
    inner = {tensor: (group.root, at) for group in groups(schedule, 4) for tensor, at in group.inner_offsets.items()}
    tensors = tuple(
        MemInfo(
            tensor=life.tensor,
            region="ram",
            offset_bytes=places[inner[life.tensor][0]] + inner[life.tensor][1],
            size_bytes=life.size_bytes,
            alignment_bytes=1,
            first=life.first,
            last=life.last,
            ring_rows=life.ring_rows,
            relation=life.relation,
            scratch_of=life.scratch_of,
        )
        for life in schedule.lifetimes
    )
    arena = Arena(region="ram", size_bytes=start, lower_bound_bytes=0, is_optimal=False, method="")
    return MemoryPlan(arenas=(arena,), alignment_bytes=1 << 20, reversed_steps=(), tensors=tensors)


def accepts(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> bool:
    try:
        check_plan(lowered, schedule, plan)
    except PlanViolation:
        return False
    return True


@st.composite
def row_models(draw: st.DrawFn) -> Model:
    """A chain of windows and elementwise nodes, with sums that go back to earlier tensors of the same dims."""
    chain = Chain("rows")
    tensors = [chain.input(1, draw(st.integers(3, 12)), draw(st.integers(1, 3)), draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(2, 8))):
        last, dims = tensors[-1], chain.builder.tensors[tensors[-1]].dims
        alike = [tensor for tensor in tensors[:-1] if chain.builder.tensors[tensor].dims == dims]
        kind = draw(st.sampled_from(("window", "window", "relu", "add")))
        if kind == "add" and alike:
            tensors.append(chain.node(Add(), *draw(st.permutations((last, draw(st.sampled_from(alike)))))))
        elif kind == "relu":
            tensors.append(chain.node(Relu(), last))
        else:
            kernel = draw(st.integers(1, min(4, dims[1])))
            top, bottom = (draw(st.integers(0, kernel - 1)) for _ in range(2))
            stride = draw(st.integers(1, 3))
            window = MaxPooling2D(kernel_dims=(kernel, 1), stride_dims=(stride, 1), padding=(top, 0, bottom, 0))
            tensors.append(chain.node(window, last))
    also = draw(st.lists(st.sampled_from(tensors), max_size=1))
    return chain.build(*dict.fromkeys([tensors[-1], *also]))


def as_one_segment(model: Model, policy: str) -> tuple[Lowered, Schedule]:
    """All nodes take turns, whether that lowers the peak or not."""
    lowered = lowered_of(model)
    scheduler, sharing = ExportScheduler(policy, "ram"), find_sharing(lowered)
    kept = frozenset((*model.graph.outputs, *(model.graph.inputs if policy == "keep" else ())))
    entries = with_application(lowered, range(len(model.graph.nodes)))
    line = timeline(lowered, entries if policy == "stream" else range(len(model.graph.nodes)), sharing, kept)
    assume(len(line.order) > 1 and can_stream(line, 0, len(line.order)))
    return lowered, scheduler._document(lowered, sharing, Segmenter(line), [(0, len(line.order))])


@thorough
@given(model=row_models(), policy=st.sampled_from(("keep", "clobber", "stream")))
def test_a_segment_of_everything_works(model: Model, policy: str) -> None:
    lowered, schedule = as_one_segment(model, policy)
    plan = plan_memory(schedule, [Memory(region="ram")])
    check_plan(lowered, schedule, plan)
    have, want = run_as_planned(model.graph, schedule, plan), run_apart(model.graph)
    assert all(have[tensor] == want[tensor] for tensor in have)


@thorough
@given(model=row_models(), policy=st.sampled_from(("keep", "clobber", "stream")))
def test_no_ring_has_a_row_too_many(model: Model, policy: str) -> None:
    lowered, schedule = as_one_segment(model, policy)
    plan = spread_out(schedule)
    assert accepts(lowered, schedule, plan)
    for ring in (mem for mem in plan.tensors if mem.ring_rows is not None and mem.ring_rows > 1):
        assert ring.ring_rows is not None
        rows = ring.ring_rows - 1
        shorter = replace(ring, ring_rows=rows, size_bytes=ring.size_bytes // ring.ring_rows * rows)
        changed = replace(plan, tensors=tuple(shorter if mem == ring else mem for mem in plan.tensors))
        assert not accepts(lowered, schedule, changed)


@thorough
@given(model=random_models(), optimize=st.sampled_from(("ram", "speed")))
def test_no_distance_is_a_byte_too_long(model: Model, optimize: str) -> None:
    lowered = lowered_of(model)
    schedule = ExportScheduler("clobber", optimize).schedule(lowered)
    lives = {life.tensor: life for life in schedule.lifetimes}
    roots = {tensor: group for group in groups(schedule, 4) for tensor in group.inner_offsets}
    overlaps = [o for o in schedule.overlaps if lives[o.source].relation is None and lives[o.target].relation is None]
    assume(overlaps)
    for overlap in overlaps:
        source, target = roots[overlap.source], roots[overlap.target]

        def forward(distance: int, s: int = source.root, t: int = target.root) -> MemoryPlan:
            return spread_out(schedule, **{f"t{s}": 4096 + distance, f"t{t}": 4096})

        assert accepts(lowered, schedule, forward(overlap.forward_bytes))
        longest = lives[overlap.source].size_bytes
        if -longest < overlap.forward_bytes and lowered.choices[_writer(lowered, overlap.target)].access.kind != "fold":
            assert not accepts(lowered, schedule, forward(overlap.forward_bytes - 1))
        if overlap.reversed_bytes is not None:
            end = overlap.reversed_bytes + longest - lives[overlap.target].size_bytes
            backward = spread_out(schedule, **{f"t{source.root}": 4096, f"t{target.root}": 4096 + end})
            assert accepts(lowered, schedule, replace(backward, reversed_steps=(lives[overlap.target].first,)))


def _writer(lowered: Lowered, tensor: int) -> int:
    return next(index for index, node in enumerate(lowered.graph.nodes) if tensor in node.outputs)


def window(node: int, source: int, target: int, height: int, kernel: int, stride: int = 1, pad: int = 0) -> NodeCalls:
    out_height = (height + 2 * pad - kernel) // stride + 1
    access = Window(kernel=kernel, stride=stride, dilation=1, pad=pad, columns=Columns(1, 1, 1, 0))
    return NodeCalls(node, access, (Rows(source, height, 8),), (Rows(target, out_height, 8),))


def test_the_order_of_the_calls_is_that_of_the_demand() -> None:
    nodes = [window(0, 0, 1, 6, 3, pad=1), window(1, 1, 2, 6, 3, 2)]
    assert call_order(nodes, {2}) == [(0, 0), (0, 1), (0, 2), (1, 0), (0, 3), (0, 4), (1, 1)]


def test_rows_that_nobody_asks_for_are_made_where_the_tensor_is_kept() -> None:
    nodes = [window(0, 0, 1, 6, 3, pad=1), window(1, 1, 2, 6, 3, 2)]
    assert call_order(nodes, {1, 2})[-1] == (0, 5)


def test_a_fold_takes_rows_as_they_come() -> None:
    fold = NodeCalls(1, Fold(), (Rows(1, 6, 8),), (Rows(2, 1, 8),))
    stream = simulate([window(0, 0, 1, 6, 3, pad=1), fold], {2}, {1: 32}, {0})
    assert stream.ring_rows == {1: 1}
    assert stream.local_bytes == 8 + 32
    assert stream.apart == frozenset()
    assert stream.distance_bytes == {(0, 2): -6 * 8}


def test_a_row_that_is_used_at_once_shares_its_place_with_others() -> None:
    """Two windows of one row between windows of three: their rows never wait for each other."""
    nodes = [window(0, 0, 1, 8, 3, pad=1), window(1, 1, 2, 8, 1), window(2, 2, 3, 8, 3, pad=1), window(3, 3, 4, 8, 1)]
    stream = simulate(nodes, {4}, {}, set())
    assert stream.ring_rows == {1: 1, 2: 3, 3: 1}
    assert stream.apart == {(1, 3)}
    assert stream.local_bytes == (3 + 1) * 8


def test_mirrored_windows() -> None:
    node = window(0, 0, 1, 7, 3, 2, pad=1)
    backward = node.mirrored
    assert backward.is_reversed
    flipped = [tuple(6 - row for row in range(first, end)) for first, end in reversed(node.reads[0])]
    assert [tuple(range(first, end)) for first, end in backward.reads[0]] == [tuple(sorted(rows)) for rows in flipped]


@pytest.mark.parametrize("height", [1, 4])
def test_the_last_driver_finishes_what_is_left(height: int) -> None:
    node = window(0, 0, 1, height, 1)
    assert call_order([node], {1}) == [(0, y) for y in range(height)]
