# SPDX-License-Identifier: Apache-2.0
"""What other modes would need, and what is said to whom it does not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sconnx.export.lowered import Lowered
from sconnx.graph.operator import Add
from sconnx.memory import modes
from sconnx.memory.advice import Need, advice
from sconnx.memory.meminfo import Mode
from sconnx.memory.modes import explained, mode_table
from sconnx.memory.planner import Memory, Search, plan_memory
from sconnx.memory.shortfall import DoesNotFit, Large, Shortfall
from sconnx.schedule.scheduler import ExportScheduler
from tests.memory.plans import planned, pools
from tests.tiny_models import Chain, lowered_of


def mode(optimize: str, policy: str, arena_bytes: int = 0, *, is_current: bool = False) -> Mode:
    return Mode(
        optimize=optimize,
        input=policy,
        arena_bytes=arena_bytes,
        streaming_nodes=0,
        turn_calls=0,
        is_current=is_current,
    )


def test_every_mode_has_a_row() -> None:
    lowered, schedule, plan = planned(pools(), "balanced", "keep")
    table = mode_table(lowered, schedule, plan)
    assert [(row.optimize, row.input) for row in table] == [
        (optimize, policy) for optimize in ("speed", "balanced", "ram") for policy in ("keep", "clobber", "stream")
    ]
    assert [(row.optimize, row.input) for row in table if row.is_current] == [("balanced", "keep")]
    for row in table:
        other = ExportScheduler(row.input, row.optimize).schedule(lowered)
        found = plan_memory(other, [Memory(region="any")], Search(planner="greedy"))
        assert row.arena_bytes == (plan.arena_bytes if row.is_current else found.arena_bytes)
        assert row.arena_bytes >= found.arenas[0].lower_bound_bytes


def test_nodes_that_stream_and_their_calls() -> None:
    """first, second and third make 14, 12 and 3 rows, the application pushes 16, and last makes 3."""
    lowered, schedule, _ = planned(pools(), "ram", "stream")
    rows = {14: 0, 12: 1, 3: 2}
    assert {lowered.graph.tensors[node.outputs[0]].height: k for k, node in enumerate(lowered.graph.nodes[:3])} == rows
    table = {(row.optimize, row.input): row for row in mode_table(lowered, schedule)}
    assert (table["speed", "keep"].streaming_nodes, table["speed", "keep"].turn_calls) == (0, 0)
    streaming = [segment for segment in schedule.segments if len(segment.nodes) > 1 or segment.pushed is not None]
    calls = sum({0: 14, 1: 12, 2: 3, 3: 3}[node] for segment in streaming for node in segment.nodes)
    row = table["ram", "stream"]
    assert row.streaming_nodes == sum(len(segment.nodes) for segment in streaming) > 0
    assert row.turn_calls == calls + 16
    assert row.arena_bytes < table["speed", "stream"].arena_bytes


def two_inputs() -> Lowered:
    chain = Chain("two")
    return lowered_of(chain.build(chain.node(Add(), chain.input(1, 4, 4, 1), chain.input(1, 4, 4, 1, name="y"))))


def test_two_inputs_are_not_streamed() -> None:
    lowered = two_inputs()
    table = mode_table(lowered, ExportScheduler("keep", "ram").schedule(lowered))
    assert [row.input for row in table] == ["keep", "clobber"] * 3


def test_of_a_large_graph_no_modes_are_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "MOST_NODES", 3)
    lowered, schedule, plan = planned(pools())
    assert plan.modes == ()
    assert mode_table(lowered, schedule) == ()
    shortfall = Shortfall(region="ram", requested_bytes=10, available_bytes=4, step=0, largest=())
    told = explained(DoesNotFit(shortfall), lowered, schedule, [Memory(region="ram", capacity_bytes=4)], Search(), {})
    assert told.help == ""


def failure(optimize: str, policy: str, *memories: Memory) -> DoesNotFit:
    lowered = lowered_of(pools())
    schedule = ExportScheduler(policy, optimize).schedule(lowered)
    with pytest.raises(DoesNotFit) as caught:
        plan_memory(schedule, memories)
    return explained(caught.value, lowered, schedule, memories, Search(), {})


def test_what_does_not_fit_is_named_with_the_modes_that_do() -> None:
    """image has 256 bytes, a 224, b 192, c and d 48."""
    sizes = {(row.optimize, row.input): row.arena_bytes for row in planned(pools(), "speed", "keep")[2].modes}
    error = failure("speed", "keep", Memory(region="ram", capacity_bytes=sizes["ram", "keep"]))
    requested, available = sizes["speed", "keep"], sizes["ram", "keep"]
    assert sizes["speed", "clobber"] <= available
    assert str(error) == (
        f"ram: error[E310]: the tensors do not fit in ram: requested {requested}, available {available}, "
        f"missing {requested - available} bytes: largest at step 1: tensor 0 'image' 256, tensor 1 'a' 224, "
        f"tensor 2 'b' 192 (help: input=clobber would need {sizes['speed', 'clobber']} bytes, "
        f"input=stream {sizes['speed', 'stream']}, "
        f"optimize=balanced {sizes['balanced', 'keep']}, optimize=ram {available})"
    )


def test_no_mode_fits() -> None:
    table = planned(pools(), "speed", "keep")[2].modes
    least = min(row.arena_bytes for row in table)
    error = failure("speed", "keep", Memory(region="ram", capacity_bytes=least - 8))
    assert error.help.startswith("no mode fits: the smallest, ")
    assert error.help.endswith(f", needs {least} bytes, 8 too many")


def test_in_two_memories_the_modes_are_tried_in_both() -> None:
    error = failure(
        "speed", "keep", Memory(region="fast", capacity_bytes=100), Memory(region="slow", capacity_bytes=260)
    )
    assert (error.where, error.shortfall.region) == ("slow", "slow")
    assert "would need" in error.help


def test_the_five_largest_are_named_and_names_cannot_break_a_line() -> None:
    largest = tuple(Large(key=key, label=f"tensor {key}", size_bytes=1000 - key) for key in range(2))
    shortfall = Shortfall(region="r", requested_bytes=2000, available_bytes=1500, step=3, largest=largest)
    error = DoesNotFit(shortfall, {0: "a\nb", 1: ""}, "buy more")
    assert str(error) == (
        "r: error[E310]: the tensors do not fit in r: requested 2,000, available 1,500, missing 500 bytes: "
        r"largest at step 3: tensor 0 'a\nb' 1,000, tensor 1 999 (help: buy more)"
    )


NEEDS = [
    Need(mode("speed", "keep", is_current=True), 5000, 1000),
    Need(mode("speed", "clobber"), 4500, 500),
    Need(mode("ram", "keep"), 4001, 1),
    Need(mode("ram", "clobber"), 3000, -1000),
]


def test_advice_takes_the_fewest_changes() -> None:
    assert advice(NEEDS) == "optimize=ram input=clobber would need 3,000 bytes"
    nearer = [replace(need, missing_bytes=0) if need.size_bytes == 4500 else need for need in NEEDS]
    assert advice(nearer) == "input=clobber would need 4,500 bytes"
    both = [replace(need, missing_bytes=0) if need.size_bytes in (4500, 4001) else need for need in NEEDS]
    assert advice(both) == "input=clobber would need 4,500 bytes, optimize=ram 4,001"


def test_advice_when_nothing_helps() -> None:
    assert advice(NEEDS[:3]) == "no mode fits: the smallest, optimize=ram, needs 4,001 bytes, 1 too many"
    worse = [NEEDS[0], Need(mode("speed", "clobber"), 6000, 2000)]
    assert advice(worse) == "no mode fits: the smallest, this one, needs 5,000 bytes, 1,000 too many"
    assert advice(NEEDS[:1]) == advice([]) == ""
