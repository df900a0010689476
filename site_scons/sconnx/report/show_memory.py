# SPDX-License-Identifier: Apache-2.0
"""The console forms of the schedule and of the memory plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sconnx.memory.buffers import alive_at, buffer_name, by_time, peak_step, relations, ring_words, shown_name
from sconnx.memory.meminfo import Arena, MemInfo, MemoryPlan, StepInfo
from sconnx.report.columns import columns
from sconnx.schedule.schedule import Lifetime, Schedule, Segment


def gap_text(arena: Arena) -> str:
    """How far the arena is from what no placement can go below."""
    if arena.is_optimal:
        return "proven optimal"
    return f"{arena.size_bytes - arena.lower_bound_bytes:,}"


def schedule_lines(document: Mapping[str, Any]) -> list[str]:
    """The steps, then all lifetimes."""
    schedule = Schedule.from_json(document)
    steps = [("step", "nodes", ""), *(_segment(step, segment) for step, segment in enumerate(schedule.segments))]
    rows = [("buffer", "bytes", "first", "last", "relation")]
    for lifetime in schedule.lifetimes:
        numbers = (f"{lifetime.size_bytes:,}", str(lifetime.first), str(lifetime.last))
        rows.append((_lifetime_name(lifetime), *numbers, _lifetime_relation(lifetime)))
    policies = f"optimize={schedule.optimize}, input={schedule.input_policy}, output={schedule.output_policy}"
    return [f"{len(schedule.segments)} steps, {policies}", *columns(steps, "rll"), "", *columns(rows, "lrrrl")]


def _segment(step: int, segment: Segment) -> tuple[str, str, str]:
    nodes = ", ".join(map(str, segment.nodes))
    turns = "take turns, row by row" if len(segment.nodes) > 1 else ""
    pushed = "" if segment.pushed is None else f"the application pushes rows of tensor {segment.pushed}"
    return str(step), nodes, "; ".join(filter(None, (turns, pushed)))


def _lifetime_name(lifetime: Lifetime) -> str:
    if lifetime.scratch_of is not None:
        return f"scratch of node {lifetime.scratch_of}"
    kind = "state" if lifetime.is_state else "tensor" if lifetime.ring_rows is None else "ring"
    return f"{kind} {lifetime.tensor}"


def _lifetime_relation(lifetime: Lifetime) -> str:
    ring = "" if lifetime.ring_rows is None else ring_words(lifetime.ring_rows)
    relation = "" if lifetime.relation is None else f"{lifetime.relation.kind} of {lifetime.relation.of}"
    return ", ".join(filter(None, (ring, relation)))


def meminfo_lines(document: Mapping[str, Any]) -> list[str]:
    """The arenas, the peak of each with what runs and what is alive there, then all buffers."""
    plan = MemoryPlan.from_json(document)
    rows = [("arena", "bytes", "lower bound", "gap", "method")]
    for arena in plan.arenas:
        sizes = (f"{arena.size_bytes:,}", f"{arena.lower_bound_bytes:,}")
        rows.append((arena.region, *sizes, gap_text(arena), arena.method))
    words = relations(plan)
    lines = columns(rows, "lrrrl")
    if plan.state_bytes:
        lines.append(f"  {plan.state_bytes:,} bytes of these are state: they stay as they are between runs")
    for number, arena in enumerate(plan.arenas):
        lines += ["", *_peak_lines(plan, number, arena, words)]
    buffers: list[tuple[str, ...]] = [("buffer", "region", "offset", "bytes", "first", "last", "relation", "name")]
    buffers += [_buffer(mem, words) for mem in by_time(plan)]
    return [*lines, "", *columns(buffers, "llrrrrll")]


def _buffer(mem: MemInfo, words: Mapping[int, str]) -> tuple[str, ...]:
    numbers = (mem.offset_bytes, mem.size_bytes, mem.first, mem.last)
    return (
        buffer_name(mem),
        mem.region,
        *(f"{number:,}" for number in numbers),
        words[mem.tensor],
        shown_name(mem.name),
    )


def _peak_lines(plan: MemoryPlan, number: int, arena: Arena, words: Mapping[int, str]) -> list[str]:
    peak = peak_step(plan, arena.region)
    step = plan.steps[peak]
    lines = [
        f"  {arena.region}: peak at step {peak} of {len(plan.steps) - 1}, "
        f"{step.live_bytes[number]:,} of {arena.size_bytes:,} bytes in use; {what_runs(step)}"
    ]
    nodes = [(f"node {node.node}", node.operator, shown_name(node.name)) for node in step.nodes]
    lines += [f"  {line}" for line in _columns(nodes, "lll")]
    alive = [
        (buffer_name(buffer.mem), f"{buffer.mem.size_bytes:,}", words[buffer.mem.tensor], shown_name(buffer.mem.name))
        for buffer in alive_at(plan, arena.region, peak)
    ]
    return [*lines, "    alive there", *(f"    {line}" for line in _columns(alive, "lrll"))]


def _columns(rows: Sequence[Sequence[str]], align: str) -> list[str]:
    return columns(rows, align) if rows else []


def what_runs(step: StepInfo) -> str:
    """One line about a step."""
    if step.pushed is not None and not step.nodes:
        return f"the application pushes rows of tensor {step.pushed}"
    pushed = "" if step.pushed is None else f", with the rows of tensor {step.pushed} from the application"
    if len(step.nodes) > 1:
        return f"{len(step.nodes)} nodes take turns, row by row{pushed}"
    return f"one node runs{pushed}" if step.nodes else "the application, after the run"
