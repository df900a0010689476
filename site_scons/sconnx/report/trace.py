# SPDX-License-Identifier: Apache-2.0
"""The memory plan as a trace for chrome://tracing, Perfetto or speedscope; memory_trace.json.

Source of the format: "Trace Event Format", Google, 2016. A step of the schedule is one millisecond; what the trace shows is the
order of things, not how long they take. Each region is a process, each buffer a thread of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sconnx.memory.buffers import Buffer, buffer_name, buffers, live_bytes, relations
from sconnx.memory.meminfo import MemoryPlan

STEP_US = 1000
Event = dict[str, Any]


def memory_trace(plan: MemoryPlan) -> dict[str, Any]:
    """The document. Process 0 has the steps; then one process per region, in the order of the plan."""
    regions = [arena.region for arena in plan.arenas]
    regions += sorted({mem.region for mem in plan.tensors} - set(regions))
    events = [*_steps(plan)]
    for process, region in enumerate(regions, 1):
        events += _region(plan, process, region)
    return {"displayTimeUnit": "ms", "traceEvents": events}


def _steps(plan: MemoryPlan) -> Iterator[Event]:
    yield _metadata("process_name", 0, 0, name="steps")
    for step, info in enumerate(plan.steps):
        runs = [f"node {node.node} {node.operator} {ascii(node.name)[1:-1]}" for node in info.nodes]
        operators = [node.operator for node in info.nodes]
        if info.pushed is not None:
            runs.insert(0, f"the application pushes rows of tensor {info.pushed}")
            operators.insert(0, "push")
        title = ", ".join(operators) or "application"
        yield _complete(title, 0, 0, step, step + 1, {"step": step, "runs": runs})


def _region(plan: MemoryPlan, process: int, region: str) -> Iterator[Event]:
    yield _metadata("process_name", process, 0, name=region)
    yield _metadata("process_sort_index", process, 0, sort_index=process)
    words = relations(plan)
    there = [buffer for buffer in buffers(plan) if buffer.mem.region == region]
    for thread, buffer in enumerate(sorted(there, key=_by_offset), 1):
        yield _metadata("thread_name", process, thread, name=f"{buffer.mem.offset_bytes}: {buffer_name(buffer.mem)}")
        yield _metadata("thread_sort_index", process, thread, sort_index=thread)
        yield _complete(buffer_name(buffer.mem), process, thread, buffer.first, buffer.last, _arguments(buffer, words))
    if any(arena.region == region for arena in plan.arenas):
        for step, used_bytes in enumerate((*live_bytes(plan, region), 0)):
            yield {
                "ph": "C",
                "name": "bytes in use",
                "pid": process,
                "ts": step * STEP_US,
                "args": {"bytes": used_bytes},
            }


def _by_offset(buffer: Buffer) -> tuple[int, int, int]:
    return buffer.mem.offset_bytes, buffer.first, buffer.mem.tensor


def _arguments(buffer: Buffer, words: dict[int, str]) -> Event:
    mem = buffer.mem
    return {
        "name": ascii(mem.name)[1:-1],
        "offset": mem.offset_bytes,
        "bytes": mem.size_bytes,
        "kind": mem.kind,
        "relation": words[mem.tensor],
        "inside": [f"{buffer_name(other)} {words[other.tensor]}" for other in buffer.inside],
    }


def _complete(name: str, process: int, thread: int, first: int, last: int, arguments: Event) -> Event:
    return {
        "ph": "X",
        "name": name,
        "cat": "memory",
        "pid": process,
        "tid": thread,
        "ts": first * STEP_US,
        "dur": (last - first) * STEP_US,
        "args": arguments,
    }


def _metadata(what: str, process: int, thread: int, **arguments: object) -> Event:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": arguments}
