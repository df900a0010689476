# SPDX-License-Identifier: Apache-2.0
"""What is in use when, where the peak is, and who shares bytes, against sets of addresses."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.graph.json_form import to_bytes
from sconnx.graph.model import Model
from sconnx.memory.buffers import (
    alive_at,
    buffer_name,
    buffers,
    live_bytes,
    peak_step,
    relations,
    shown_name,
    step_count,
    union_bytes,
)
from sconnx.memory.meminfo import MemoryPlan
from sconnx.schedule.scheduler import INPUT_POLICIES
from tests.memory.plans import by_hand, planned, pools
from tests.tiny_models import random_models, tiny_model

thorough = settings(max_examples=100, deadline=None, derandomize=True)
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])))


@thorough
@given(spans)
def test_the_union_counts_every_byte_once(given_spans: list[tuple[int, int]]) -> None:
    assert union_bytes(given_spans) == len({byte for start, end in given_spans for byte in range(start, end)})


def addresses(plan: MemoryPlan, region: str, step: int) -> set[int]:
    """From the places alone."""
    there = [mem for mem in plan.tensors if mem.region == region and mem.first <= step < mem.last]
    return {byte for mem in there for byte in range(mem.offset_bytes, mem.end_bytes)}


@thorough
@given(model=random_models(), optimize=st.sampled_from(("speed", "ram")), policy=st.sampled_from(("keep", "clobber")))
def test_what_is_in_use_at_each_step(model: Model, optimize: str, policy: str) -> None:
    lowered, schedule, plan = planned(model, optimize, policy)
    (arena,) = plan.arenas
    used = live_bytes(plan, arena.region)
    assert used == tuple(len(addresses(plan, arena.region, step)) for step in range(len(schedule.segments) + 1))
    assert [step.live_bytes for step in plan.steps] == [(size_bytes,) for size_bytes in used]
    peak = peak_step(plan, arena.region)
    assert used[peak] == max(used) and all(size_bytes < used[peak] for size_bytes in used[:peak])
    assert used[peak] <= arena.size_bytes
    alive = {mem.tensor for buffer in alive_at(plan, "ram", peak) for mem in (buffer.mem, *buffer.inside)}
    assert alive == {mem.tensor for mem in plan.tensors if mem.first <= peak < mem.last}
    shown = [mem.tensor for buffer in buffers(plan) for mem in (buffer.mem, *buffer.inside)]
    assert sorted(shown) == sorted(mem.tensor for mem in plan.tensors)
    assert [tuple(node.node for node in step.nodes) for step in plan.steps[:-1]] == [
        segment.nodes for segment in schedule.segments
    ]
    assert all(mem.name == lowered.graph.tensors[mem.tensor].name for mem in plan.tensors if mem.scratch_of is None)


@thorough
@given(model=random_models(), optimize=st.sampled_from(("speed", "ram")), policy=st.sampled_from(("keep", "clobber")))
def test_the_words_name_everyone_who_shares_bytes(model: Model, optimize: str, policy: str) -> None:
    _, _, plan = planned(model, optimize, policy)
    words = relations(plan)
    for later, buffer in enumerate(buffers(plan)):
        for other in buffers(plan)[:later]:
            together = any(buffer.is_alive(step) and other.is_alive(step) for step in range(step_count(plan)))
            ranges = [set(range(mem.offset_bytes, mem.end_bytes)) for mem in (buffer.mem, other.mem)]
            if together and ranges[0] & ranges[1]:
                told = re.findall(r"(?:of|overlaps|with) (\d+)", words[buffer.mem.tensor])
                assert set(told) & {str(mem.tensor) for mem in (other.mem, *other.inside)}


def test_a_plan_by_hand() -> None:
    plan = by_hand()
    assert [buffer.mem.tensor for buffer in buffers(plan)] == [0, 1, 2, -2, 4, 5]
    assert live_bytes(plan, "fast") == (128, 128, 128)
    assert live_bytes(plan, "slow") == (0, 40, 0)
    assert (peak_step(plan, "fast"), peak_step(plan, "slow")) == (0, 1)
    assert [buffer_name(buffer.mem) for buffer in alive_at(plan, "fast", 0)] == [
        "tensor 0",
        "tensor 2",
        "ring 1",
        "scratch of node 1",
    ]
    assert relations(plan) == {
        0: "",
        1: "ring of 3 rows",
        2: "overlaps 0 by 32 bytes, shares 32 bytes with 1",
        3: "alias of 2",
        4: "",
        5: "",
        -2: "shares 16 bytes with 1",
    }


def test_parts_and_tensors_in_place() -> None:
    plan = by_hand()
    words = {"part": "part of 2 at byte 16", "in_place": "in place of 2", "alias": "alias of 2"}
    for kind, expected in words.items():
        (relation,) = [mem.relation for mem in plan.tensors if mem.tensor == 3]
        assert relation is not None
        changed = replace(relation, kind=kind, offset_bytes=16 if kind == "part" else 0)
        tensors = [replace(mem, relation=changed) if mem.tensor == 3 else mem for mem in plan.tensors]
        assert relations(replace(plan, tensors=tuple(tensors)))[3].startswith(expected)


def test_the_file_stands_alone() -> None:
    for policy in INPUT_POLICIES:
        _, _, plan = planned(pools(), policy=policy)
        assert plan.modes and plan.steps
        assert MemoryPlan.from_json(json.loads(to_bytes(plan.to_json()))) == plan


def test_a_pushed_input_is_a_step_of_its_own_or_streams() -> None:
    _, _, plan = planned(pools(), "speed", "stream")
    assert [(step.pushed, len(step.nodes), step.streams) for step in plan.steps[:2]] == [
        (0, 0, False),
        (None, 1, False),
    ]
    _, _, plan = planned(pools(), "ram", "stream")
    assert (plan.steps[0].pushed, plan.steps[0].streams) == (0, True)


def test_names_of_the_model_are_shown_in_printable_ascii() -> None:
    assert shown_name("a\nb\x1b[31m\u202e") == r"a\nb\x1b[31m\u202e"
    assert shown_name("x" * 48) == "x" * 48
    assert shown_name("x" * 40 + "0123456789") == "..." + "x" * 35 + "0123456789"
    _, _, plan = planned(tiny_model(hostile="a\nb"))
    assert {"a\nb"} < {mem.name for mem in plan.tensors}
