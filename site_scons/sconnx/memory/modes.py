# SPDX-License-Identifier: Apache-2.0
"""The trade between RAM and calls: what the same model needs with every choice of `optimize=` and `input=`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from sconnx.export.lowered import Lowered
from sconnx.memory.advice import Need, advice
from sconnx.memory.describe import names
from sconnx.memory.meminfo import MemoryPlan, Mode
from sconnx.memory.planner import Memory, Search, plan_memory
from sconnx.memory.shortfall import DoesNotFit
from sconnx.schedule.calls import node_calls, pushed_rows
from sconnx.schedule.policies import INPUT_POLICIES
from sconnx.schedule.schedule import Schedule, Segment
from sconnx.schedule.scheduler import ExportScheduler
from sconnx.target.toolchain import OPTIMIZE

MOST_NODES = 300
"""Of larger graphs no modes are planned: nine schedules would take too long for what they tell."""
ADVICE_SECONDS = 0.5
QUICK = Search(planner="greedy")
_ANYWHERE = (Memory(region="any"),)


def mode_table(lowered: Lowered, schedule: Schedule, plan: MemoryPlan | None = None) -> tuple[Mode, ...]:
    """A row per mode, placed by the quick planner in one memory without an end; empty for a large graph.

    Args:
        schedule: that of the build.
        plan: that of the build, whose size then stands in the row of its mode.
    """
    rows = []
    for other in _schedules(lowered, schedule):
        is_current = other is schedule
        if plan is None or not is_current:
            size_bytes = plan_memory(other, _ANYWHERE, QUICK, outputs=lowered.graph.outputs).arena_bytes
        else:
            size_bytes = plan.arena_bytes
        rows.append(_mode(lowered, other, size_bytes, is_current=is_current))
    return tuple(rows)


def explained(
    error: DoesNotFit,
    lowered: Lowered,
    schedule: Schedule,
    memories: Sequence[Memory],
    search: Search,
    pins: Mapping[int, str],
) -> DoesNotFit:
    """The error with the names of the tensors, and with the modes whose tensors would fit in the same memories.

    Args:
        search: that of the build; the other modes get at most `ADVICE_SECONDS` of it.
    """
    limit_seconds = ADVICE_SECONDS if search.limit_seconds is None else min(search.limit_seconds, ADVICE_SECONDS)
    shorter = Search(planner=search.planner, limit_seconds=limit_seconds)
    needs = []
    for other in _schedules(lowered, schedule):
        size_bytes, missing_bytes = error.shortfall.requested_bytes, error.shortfall.missing_bytes
        if other is not schedule:
            size_bytes, missing_bytes = _needs(lowered, other, memories, shorter, pins)
        mode = _mode(lowered, other, size_bytes, is_current=other is schedule)
        needs.append(Need(mode, size_bytes, missing_bytes))
    return DoesNotFit(error.shortfall, names(lowered, schedule), advice(needs))


def _needs(
    lowered: Lowered, schedule: Schedule, memories: Sequence[Memory], search: Search, pins: Mapping[int, str]
) -> tuple[int, int]:
    """What a mode needs, and how much of it is missing: 0 where it fits, else of the region that is too small."""
    try:
        plan = plan_memory(schedule, memories, search, pins=pins, outputs=lowered.graph.outputs)
    except DoesNotFit as error:
        return error.shortfall.requested_bytes, error.shortfall.missing_bytes
    return plan.arena_bytes, 0


def _schedules(lowered: Lowered, schedule: Schedule) -> list[Schedule]:
    """One per mode, the given one among them."""
    if len(lowered.graph.nodes) > MOST_NODES:
        return []
    found = []
    for optimize, policy in product(OPTIMIZE, INPUT_POLICIES):
        if (optimize, policy) == (schedule.optimize, schedule.input_policy):
            found.append(schedule)
        elif policy != "stream" or len(lowered.graph.inputs) == 1:
            found.append(ExportScheduler(policy, optimize, schedule.output_policy).schedule(lowered))
    return found


def _mode(lowered: Lowered, schedule: Schedule, arena_bytes: int, *, is_current: bool) -> Mode:
    streams = [segment for segment in schedule.segments if segment.streams]
    return Mode(
        optimize=schedule.optimize,
        input=schedule.input_policy,
        arena_bytes=arena_bytes,
        streaming_nodes=sum(len(segment.nodes) for segment in streams),
        turn_calls=sum(_turn_calls(lowered, segment) for segment in streams),
        is_current=is_current,
    )


def _turn_calls(lowered: Lowered, segment: Segment) -> int:
    pushed = [] if segment.pushed is None else [pushed_rows(lowered, segment.pushed)]
    return sum(calls.count for calls in (*pushed, *(node_calls(lowered, node) for node in segment.nodes)))
