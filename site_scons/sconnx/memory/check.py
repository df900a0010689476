# SPDX-License-Identifier: Apache-2.0
"""An independent check of a memory plan, run in every build: replay the calls of the schedule on an arena of tags.

Every byte is tagged with the tensor that was last written there; an alias shares the tag of its source. A call that reads a
byte with another tag reads something overwritten. The replay knows the graph, the order and the accesses; it takes nothing
from the planner but the offsets.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from sconnx.export.access import Access, Alias, Elementwise, Window
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant
from sconnx.memory.meminfo import MemInfo, MemoryPlan, scratch_key
from sconnx.schedule.schedule import Schedule


class PlanViolation(Exception):
    """The plan is wrong: our bug, never the user's."""


_NOTHING = -(2**31)
"""The tag of a byte that nobody has written; tensors are counted from 0, scratch buffers from -1 downwards."""


@dataclass(slots=True)
class _Arena:
    """One tag per byte, and the highest byte that was touched."""

    size_bytes: int
    tags: array[int]
    alias_of: dict[int, int]
    peak_bytes: int = 0

    def _slice(self, mem: MemInfo, row: int, rows: int) -> tuple[slice, array[int]]:
        """The bytes of one of `rows` equal rows, and the tags that they should have."""
        row_bytes = mem.size_bytes // rows
        start = mem.offset_bytes + row * row_bytes
        return slice(start, start + row_bytes), array("i", [self.alias_of.get(mem.tensor, mem.tensor)]) * row_bytes

    def write(self, mem: MemInfo, doing: str, row: int = 0, rows: int = 1) -> None:
        place, tags = self._slice(mem, row, rows)
        if place.start < 0 or place.stop > self.size_bytes:
            raise PlanViolation(
                f"{doing} writes {_named(mem.tensor)} at {place.start}..{place.stop}, outside the arena"
            )
        self.tags[place] = tags
        self.peak_bytes = max(self.peak_bytes, place.stop)

    def read(self, mem: MemInfo, doing: str, row: int = 0, rows: int = 1) -> None:
        place, tags = self._slice(mem, row, rows)
        if self.tags[place] != tags:
            other = next((found for found in self.tags[place] if found != tags[0]), _NOTHING)
            raise PlanViolation(f"{doing} reads {_named(mem.tensor)} where {_named(other)} was written")


def _named(tag: int) -> str:
    if tag == _NOTHING:
        return "nothing"
    return f"tensor {tag}" if tag >= 0 else f"the scratch of node {-1 - tag}"


def check_plan(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> None:
    """Raise PlanViolation unless every read finds what was written for it, within the arena, and the peak is as planned."""
    graph = lowered.graph
    places = plan.by_tensor()
    _check_sizes(lowered, places)
    arena = _Arena(plan.arena_bytes, array("i", [_NOTHING]) * plan.arena_bytes, _aliases(lowered, schedule))
    for tensor in graph.inputs:
        arena.write(places[tensor], "the application")
    for index in schedule.order:
        _replay_node(arena, lowered, index, places)
    kept = graph.inputs if schedule.input_policy == "keep" else ()
    for tensor in (*graph.outputs, *kept):
        if tensor in places:
            arena.read(places[tensor], "the application")
    if arena.peak_bytes > plan.arena_bytes or plan.arena_bytes - arena.peak_bytes >= plan.alignment_bytes:
        raise PlanViolation(f"the replay touches {arena.peak_bytes} bytes, the plan has {plan.arena_bytes}")


def _check_sizes(lowered: Lowered, places: Mapping[int, MemInfo]) -> None:
    for tensor, mem in places.items():
        if mem.scratch_of is None:
            what, size_bytes = f"tensor {tensor}", lowered.graph.tensors[tensor].size_bytes
        else:
            what, size_bytes = f"the scratch of node {mem.scratch_of}", lowered.choices[mem.scratch_of].scratch_bytes
        if mem.size_bytes != size_bytes:
            raise PlanViolation(f"{what} has {size_bytes} bytes, its place {mem.size_bytes}")


def _replay_node(arena: _Arena, lowered: Lowered, index: int, places: Mapping[int, MemInfo]) -> None:
    graph, choice = lowered.graph, lowered.choices[index]
    node = graph.nodes[index]
    doing = f"node {node.name!r}"
    scratch = places.get(scratch_key(index))
    if choice.scratch_bytes and scratch is None:
        raise PlanViolation(f"the scratch of node {index} has no place")
    writes = [places[tensor] for tensor in node.outputs]
    if scratch is not None:
        arena.write(scratch, doing)
    if isinstance(choice.access, Window):
        tensors = [tensor for position in choice.operands if (tensor := node.inputs[position]) is not None]
        sources = [(places.get(tensor), graph.tensors[tensor].height) for tensor in tensors]
        _replay_window(arena, choice.access, sources, writes[0], graph.tensors[node.outputs[0]].height, doing)
    else:
        reads = [places[tensor] for tensor in node.reads if not isinstance(graph.tensors[tensor], Constant)]
        if isinstance(choice.access, Alias):
            _check_alias(arena, reads, writes[0], doing)
        else:
            _replay_whole(arena, choice.access, reads, writes, doing)
    if scratch is not None:
        arena.read(scratch, doing)


def _aliases(lowered: Lowered, schedule: Schedule) -> dict[int, int]:
    """The tensor whose elements each aliasing tensor shows."""
    alias_of: dict[int, int] = {}
    for index in schedule.order:
        if isinstance(lowered.choices[index].access, Alias):
            source = lowered.graph.nodes[index].reads[0]
            alias_of[lowered.graph.nodes[index].outputs[0]] = alias_of.get(source, source)
    return alias_of


def _replay_window(
    arena: _Arena,
    access: Window,
    sources: list[tuple[MemInfo | None, int]],
    target: MemInfo,
    out_height: int,
    doing: str,
) -> None:
    """Each source with its height; a source of None is a constant, which is in no arena."""
    for y in range(out_height):
        for position, (source, height) in enumerate(sources):
            if source is not None:
                for row in access.rows(y, height) if position == 0 else (y,):
                    arena.read(source, f"{doing}, row {y},", row, height)
        arena.write(target, f"{doing}, row {y},", y, out_height)


def _check_alias(arena: _Arena, reads: list[MemInfo], target: MemInfo, doing: str) -> None:
    """No code runs: the bytes must be there already."""
    arena.read(target, doing)
    if [mem.offset_bytes for mem in reads] != [target.offset_bytes]:
        raise PlanViolation(f"{doing} copies nothing, but tensor {target.tensor} is not in the place of its input")


def _replay_whole(arena: _Arena, access: Access, reads: list[MemInfo], writes: list[MemInfo], doing: str) -> None:
    for mem in reads:
        arena.read(mem, doing)
    for target in writes:
        for mem in reads:
            same_place = mem.offset_bytes == target.offset_bytes and mem.size_bytes == target.size_bytes
            apart = mem.end_bytes <= target.offset_bytes or target.end_bytes <= mem.offset_bytes
            if not apart and not (same_place and isinstance(access, Elementwise)):
                raise PlanViolation(f"{doing} writes tensor {target.tensor} over tensor {mem.tensor} while reading it")
        arena.write(target, doing)
    for target in writes:
        arena.read(target, doing)
