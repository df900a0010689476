# SPDX-License-Identifier: Apache-2.0
"""Names and steps for a memory plan, so that meminfo.json can be read without the graph."""

from __future__ import annotations

from dataclasses import replace

from sconnx.export.lowered import Lowered
from sconnx.memory.buffers import live_bytes
from sconnx.memory.meminfo import MemInfo, MemoryPlan, StepInfo, StepNode
from sconnx.schedule.schedule import Schedule, Segment


def names(lowered: Lowered, schedule: Schedule) -> dict[int, str]:
    """For every lifetime, by its key, the name of the tensor in the source model, or of the scratch buffer's node."""
    graph = lowered.graph
    return {
        lifetime.tensor: (
            graph.tensors[lifetime.tensor].name
            if lifetime.scratch_of is None
            else graph.nodes[lifetime.scratch_of].name
        )
        for lifetime in schedule.lifetimes
    }


def described(plan: MemoryPlan, lowered: Lowered, schedule: Schedule) -> MemoryPlan:
    """The plan with names, and with what runs and what is in use at each step."""
    known = names(lowered, schedule)

    def named(mem: MemInfo) -> MemInfo:
        return replace(mem, name=known[mem.tensor])

    plan = replace(plan, tensors=tuple(named(mem) for mem in plan.tensors))
    used = [live_bytes(plan, arena.region) for arena in plan.arenas]
    after_the_run = Segment(nodes=())
    return replace(
        plan,
        steps=tuple(
            _step(segment, lowered, tuple(by_step[step] if step < len(by_step) else 0 for by_step in used))
            for step, segment in enumerate((*schedule.segments, after_the_run))
        ),
    )


def _step(segment: Segment, lowered: Lowered, used: tuple[int, ...]) -> StepInfo:
    nodes = lowered.graph.nodes
    return StepInfo(
        nodes=tuple(StepNode(node=node, operator=nodes[node].type, name=nodes[node].name) for node in segment.nodes),
        pushed=segment.pushed,
        live_bytes=used,
    )
