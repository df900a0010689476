# SPDX-License-Identifier: Apache-2.0
"""An independent check of a memory plan, run in every build: replay the calls of the schedule on an arena of tags.

Every byte is tagged with the tensor that was last written there; an alias shares the tag of its source. A call that reads a
byte with another tag reads something overwritten. The replay knows the graph, the order and the accesses; it takes nothing
from the planner but the offsets.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from sconnx.export.access import Access, Alias, Elementwise, Window
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant
from sconnx.memory.meminfo import MemInfo, MemoryPlan
from sconnx.schedule.schedule import Schedule


class PlanViolation(Exception):
    """The plan is wrong: our bug, never the user's."""


@dataclass(slots=True)
class _Arena:
    """One tag (tensor index, or -1) per byte, and the highest byte that was touched."""

    size_bytes: int
    tags: array[int]
    alias_of: dict[int, int]
    peak_bytes: int = 0

    def write(self, tensor: int, start: int, size_bytes: int, doing: str) -> None:
        if start < 0 or start + size_bytes > self.size_bytes:
            raise PlanViolation(f"{doing} writes tensor {tensor} at {start}..{start + size_bytes}, outside the arena")
        self.tags[start : start + size_bytes] = array("i", [self.alias_of.get(tensor, tensor)]) * size_bytes
        self.peak_bytes = max(self.peak_bytes, start + size_bytes)

    def read(self, tensor: int, start: int, size_bytes: int, doing: str) -> None:
        tag = self.alias_of.get(tensor, tensor)
        if self.tags[start : start + size_bytes] != array("i", [tag]) * size_bytes:
            other = next((found for found in self.tags[start : start + size_bytes] if found != tag), -1)
            raise PlanViolation(f"{doing} reads tensor {tensor} where tensor {other} was written")


def check_plan(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> None:
    """Raise PlanViolation unless every read finds what was written for it, within the arena, and the peak is as planned."""
    graph = lowered.graph
    places = plan.by_tensor()
    for tensor, mem in places.items():
        if mem.size_bytes != graph.tensors[tensor].size_bytes:
            raise PlanViolation(
                f"tensor {tensor} has {graph.tensors[tensor].size_bytes} bytes, its place {mem.size_bytes}"
            )
    arena = _Arena(plan.arena_bytes, array("i", [-1]) * plan.arena_bytes, _aliases(lowered, schedule))
    for tensor in graph.inputs:
        arena.write(tensor, places[tensor].offset_bytes, places[tensor].size_bytes, "the application")
    for index in schedule.order:
        node, access = graph.nodes[index], lowered.choices[index].access
        reads = [places[t] for t in node.reads if not isinstance(graph.tensors[t], Constant)]
        doing = f"node {node.name!r}"
        if isinstance(access, Window):
            heights = graph.tensors[node.reads[0]].height, graph.tensors[node.outputs[0]].height
            _replay_window(arena, access, places.get(node.reads[0]), places[node.outputs[0]], heights, doing)
        elif isinstance(access, Alias):
            _check_alias(arena, reads, places[node.outputs[0]], doing)
        else:
            _replay_whole(arena, access, reads, [places[t] for t in node.outputs], doing)
    for tensor in graph.outputs:
        if tensor in places:
            arena.read(tensor, places[tensor].offset_bytes, places[tensor].size_bytes, "the application")
    if schedule.input_policy == "keep":
        for tensor in graph.inputs:
            arena.read(tensor, places[tensor].offset_bytes, places[tensor].size_bytes, "the application")
    if arena.peak_bytes > plan.arena_bytes or plan.arena_bytes - arena.peak_bytes >= plan.alignment_bytes:
        raise PlanViolation(f"the replay touches {arena.peak_bytes} bytes, the plan has {plan.arena_bytes}")


def _aliases(lowered: Lowered, schedule: Schedule) -> dict[int, int]:
    """The tensor whose elements each aliasing tensor shows."""
    alias_of: dict[int, int] = {}
    for index in schedule.order:
        if isinstance(lowered.choices[index].access, Alias):
            source = lowered.graph.nodes[index].reads[0]
            alias_of[lowered.graph.nodes[index].outputs[0]] = alias_of.get(source, source)
    return alias_of


def _replay_window(
    arena: _Arena, access: Window, source: MemInfo | None, target: MemInfo, heights: tuple[int, int], doing: str
) -> None:
    """A source of None is a constant, which is in no arena."""
    in_row_bytes = source.size_bytes // heights[0] if source else 0
    out_row_bytes = target.size_bytes // heights[1]
    for y in range(heights[1]):
        for row in access.rows(y, heights[0]):
            if source:
                arena.read(source.tensor, source.offset_bytes + row * in_row_bytes, in_row_bytes, f"{doing}, row {y},")
        arena.write(target.tensor, target.offset_bytes + y * out_row_bytes, out_row_bytes, f"{doing}, row {y},")


def _check_alias(arena: _Arena, reads: list[MemInfo], target: MemInfo, doing: str) -> None:
    """No code runs: the bytes must be there already."""
    arena.read(target.tensor, target.offset_bytes, target.size_bytes, doing)
    if [mem.offset_bytes for mem in reads] != [target.offset_bytes]:
        raise PlanViolation(f"{doing} copies nothing, but tensor {target.tensor} is not in the place of its input")


def _replay_whole(arena: _Arena, access: Access, reads: list[MemInfo], writes: list[MemInfo], doing: str) -> None:
    for mem in reads:
        arena.read(mem.tensor, mem.offset_bytes, mem.size_bytes, doing)
    for target in writes:
        for mem in reads:
            same_place = mem.offset_bytes == target.offset_bytes and mem.size_bytes == target.size_bytes
            apart = mem.end_bytes <= target.offset_bytes or target.end_bytes <= mem.offset_bytes
            if not apart and not (same_place and isinstance(access, Elementwise)):
                raise PlanViolation(f"{doing} writes tensor {target.tensor} over tensor {mem.tensor} while reading it")
        arena.write(target.tensor, target.offset_bytes, target.size_bytes, doing)
