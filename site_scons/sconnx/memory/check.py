# SPDX-License-Identifier: Apache-2.0
"""An independent check of a memory plan, run in every build: replay the calls of the schedule on arenas of tags.

Every byte of every tensor has a tag of its own; an alias and a part show the tags of what they are. A call that finds another tag
than it expects reads something overwritten. The replay knows the graph, the segments and the accesses; it takes nothing from
the planner but the places and the direction of a step. Where an implementation may read and write in several orders, the
worst one is replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sconnx.export.access import Alias, Columns, Elementwise, Fold, Parts, Window
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import CALLER, MemInfo, MemoryPlan, scratch_key
from sconnx.memory.replay import Turns
from sconnx.schedule.schedule import Schedule, Segment

Tags = NDArray[np.int64]


class PlanViolation(Exception):
    """The plan is wrong: our bug, never the user's."""


_NOTHING = -1
"""The tag of a byte that nobody has written."""
_SCRATCH_UNIT_BYTES = 4
"""What kernels may keep in a scratch buffer: words."""
_POINTWISE = Columns(kernel=1, stride=1, dilation=1, pad=0)


@dataclass(slots=True)
class _Memory:
    """One tag per byte of each region, the highest byte that was touched, and whose tags are whose."""

    sizes: Mapping[str, int]
    owners: list[tuple[int, int]] = field(default_factory=list)
    tags: dict[str, Tags] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)

    def new_tags(self, key: int, count: int) -> Tags:
        """Tags for the bytes of a tensor or scratch buffer."""
        start = self.owners[-1][0] if self.owners else 0
        self.owners.append((start + count, key))
        return np.arange(start, start + count, dtype=np.int64)

    def _bytes(self, place: _Bytes, doing: str) -> Tags:
        size_bytes = self.sizes.get(place.region, place.end)
        if place.start < 0 or place.end > size_bytes:
            raise PlanViolation(
                f"{doing} touches {_named(place.key)} at {place.start}..{place.end}, outside {place.region}"
            )
        known = self.tags.get(place.region)
        if known is None or len(known) < size_bytes:
            grown = np.full(size_bytes, _NOTHING, np.int64)
            if known is not None:
                grown[: len(known)] = known
            self.tags[place.region] = known = grown
        self.peaks[place.region] = max(self.peaks.get(place.region, 0), place.end)
        return known[place.start : place.end]

    def write(self, place: _Bytes, doing: str) -> None:
        self._bytes(place, doing)[:] = place.tags

    def read(self, place: _Bytes, doing: str, mask: NDArray[np.bool_] | None = None) -> None:
        """Find the tags that belong there; with a mask only where it is set."""
        found = self._bytes(place, doing)
        wrong = found != place.tags
        if mask is not None:
            wrong &= mask
        if wrong.any():
            other = self.owner(int(found[wrong.argmax()]))
            raise PlanViolation(f"{doing} reads {_named(place.key)} where {other} was written")

    def owner(self, tag: int) -> str:
        return "nothing" if tag == _NOTHING else next(_named(key) for end, key in self.owners if tag < end)


@dataclass(frozen=True, slots=True)
class _Bytes:
    """Consecutive bytes of a tensor in a region, with the tags that belong there."""

    key: int
    region: str
    start: int
    tags: Tags

    @property
    def end(self) -> int:
        return self.start + len(self.tags)

    def meets(self, other: _Bytes) -> bool:
        """Whether some byte is in both."""
        return self.region == other.region and max(self.start, other.start) < min(self.end, other.end)


def _named(key: int) -> str:
    return f"tensor {key}" if key >= 0 else f"the scratch of node {-1 - key}"


def check_plan(lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> None:
    """Raise PlanViolation unless every read finds what was written for it, inside the arenas, and the peaks are as planned."""
    _Replay(lowered, schedule, plan).run()


class _Replay:
    """The replay of one plan."""

    def __init__(self, lowered: Lowered, schedule: Schedule, plan: MemoryPlan) -> None:
        self._lowered, self._schedule, self._plan = lowered, schedule, plan
        self._graph = lowered.graph
        self._places = plan.by_tensor()
        self._memory = _Memory({arena.region: arena.size_bytes for arena in plan.arenas})
        self._tags: dict[int, Tags] = {}
        self._pushed = next((segment.pushed for segment in schedule.segments if segment.pushed is not None), None)
        self._lasts = {lifetime.tensor: lifetime.last for lifetime in schedule.lifetimes}
        self._orders: dict[tuple[int, int], Tags | None] = {}
        self._aliases: dict[int, int] = {}
        self._without_call = frozenset(schedule.without_call)
        self._tag_everything()

    def run(self) -> None:
        segments = self._schedule.segments
        pushed = [step for step, segment in enumerate(segments) if segment.pushed is not None]
        states = [update.state for update in self._graph.states]
        for tensor in (*states, *(self._graph.inputs if not pushed else ())):
            self._memory.write(self._whole(tensor), "the application")
        # What comes before the first row is pushed are aliases of the input.
        for step in range(pushed[0] if pushed else 0, len(segments)):
            self._segment(step)
        kept = self._graph.inputs if self._schedule.input_policy == "keep" else ()
        for tensor in (*self._graph.outputs, *kept):
            if tensor in self._places:
                self._memory.read(self._whole(tensor), "the application")
        self._update_states()
        for arena in self._plan.arenas:
            peak_bytes = self._memory.peaks.get(arena.region, 0)
            if not 0 <= arena.size_bytes - peak_bytes < self._plan.alignment_bytes:
                raise PlanViolation(
                    f"the replay touches {peak_bytes} bytes of {arena.region}, the plan has {arena.size_bytes}"
                )

    def _update_states(self) -> None:
        """Until the end of the run a state has what it had before; then it gets what it becomes, and outputs stay."""
        doing = "the end of the run"
        for update in self._graph.states:
            self._memory.read(self._whole(update.state), doing)
        for copy in self._schedule.state_copies:
            self._memory.read(self._whole(copy.next), doing)
            self._memory.write(replace(self._whole(copy.state), tags=self._tags[copy.next]), doing)
        for update in self._graph.states:
            self._memory.read(replace(self._whole(update.state), tags=self._tags[update.next]), "the next run")
        for tensor in self._graph.outputs if self._graph.states else ():
            # With output=caller the application has its copy already.
            if tensor in self._places and (self._schedule.output_policy == "arena" or self._is_callers(tensor)):
                self._memory.read(self._whole(tensor), "the application")

    def _is_callers(self, tensor: int) -> bool:
        return self._places[tensor].region == CALLER

    def _tag_everything(self) -> None:
        """Tags of all tensors, from the graph alone; and every place must have the size that it is for."""
        graph = self._graph
        for tensor in (*graph.given, *(tensor for node in graph.nodes for tensor in node.outputs)):
            self._tags[tensor] = self._memory.new_tags(tensor, graph.tensors[tensor].size_bytes)
        for index, node in enumerate(graph.nodes):
            access = self._lowered.choices[index].access
            if isinstance(access, Alias):
                self._tags[node.outputs[0]] = self._tags[node.reads[0]]
                self._aliases[node.outputs[0]] = self._aliases.get(node.reads[0], node.reads[0])
            elif isinstance(access, Parts) and index in self._without_call:
                self._tag_parts(node.reads, node.outputs)
        for tensor, tags in self._tags.items():
            if tensor not in self._places:
                raise PlanViolation(f"{_named(tensor)} has no place")
            mem = self._places[tensor]
            rows = self._height(tensor)
            size_bytes = len(tags) if mem.ring_rows is None else len(tags) // rows * mem.ring_rows
            if mem.size_bytes != size_bytes:
                raise PlanViolation(f"{_named(tensor)} has {size_bytes} bytes, its place {mem.size_bytes}")
            self._check_alignment(mem, graph.tensors[tensor].dtype.size_bytes)

    def _check_alignment(self, mem: MemInfo, unit_bytes: int) -> None:
        """An arena is aligned as the plan says, so its offsets decide; rows are whole elements and follow."""
        if mem.offset_bytes % unit_bytes or self._plan.alignment_bytes % unit_bytes:
            raise PlanViolation(
                f"{_named(mem.tensor)} is at {mem.offset_bytes} of an arena aligned to {self._plan.alignment_bytes}; "
                f"it must be at a multiple of {unit_bytes}"
            )

    def _tag_parts(self, reads: tuple[int, ...], outputs: tuple[int, ...]) -> None:
        if len(outputs) == 1:
            self._tags[outputs[0]] = np.concatenate([self._tags[tensor] for tensor in reads])
            return
        start = 0
        for tensor in outputs:
            size_bytes = self._graph.tensors[tensor].size_bytes
            self._tags[tensor] = self._tags[reads[0]][start : start + size_bytes]
            start += size_bytes

    def _height(self, tensor: int) -> int:
        """Rows of a tensor; a ring of an input whose alias is pushed has the alias's rows."""
        is_pushed = self._pushed is not None and tensor in self._graph.inputs
        return self._graph.tensors[self._pushed if is_pushed and self._pushed is not None else tensor].height

    def _whole(self, tensor: int) -> _Bytes:
        return _Bytes(tensor, self._region(tensor), self._places[tensor].offset_bytes, self._tags[tensor])

    def _region(self, tensor: int) -> str:
        """The memory that a tensor is in; each output of the caller's is one of its own."""
        region = self._places[tensor].region
        if region == CALLER:
            return f"{region} {self._aliases.get(tensor, tensor)}"
        if region not in self._memory.sizes:
            raise PlanViolation(f"{_named(tensor)} is in {region}, which has no arena")
        return region

    def _row(self, tensor: int, row: int) -> _Bytes:
        mem, height = self._places[tensor], self._height(tensor)
        row_bytes = len(self._tags[tensor]) // height
        slot = row if mem.ring_rows is None else row % mem.ring_rows
        tags = self._tags[tensor][row * row_bytes : (row + 1) * row_bytes]
        return _Bytes(tensor, self._region(tensor), mem.offset_bytes + slot * row_bytes, tags)

    def _scratch(self, index: int) -> _Bytes | None:
        choice = self._lowered.choices[index]
        if not choice.scratch_bytes:
            return None
        mem = self._places.get(scratch_key(index))
        if mem is None:
            raise PlanViolation(f"the scratch of node {index} has no place")
        if mem.size_bytes != choice.scratch_bytes:
            raise PlanViolation(
                f"the scratch of node {index} has {choice.scratch_bytes} bytes, its place {mem.size_bytes}"
            )
        self._check_alignment(mem, _SCRATCH_UNIT_BYTES)
        if mem.tensor not in self._tags:
            self._tags[mem.tensor] = self._memory.new_tags(mem.tensor, mem.size_bytes)
        return _Bytes(mem.tensor, mem.region, mem.offset_bytes, self._tags[mem.tensor])

    def _segment(self, step: int) -> None:
        segment = self._schedule.segments[step]
        kept = {tensor for tensor in self._made(segment) if self._lasts[tensor] > step + 1}
        for index, call in Turns(self._lowered, segment, kept, step in self._plan.reversed_steps).order():
            if index is None:
                assert segment.pushed is not None
                self._memory.write(self._row(segment.pushed, call), "the application")
            else:
                self._call(index, call)

    def _made(self, segment: Segment) -> list[int]:
        written = [tensor for node in segment.nodes for tensor in self._graph.nodes[node].outputs]
        return written if segment.pushed is None else [segment.pushed, *written]

    def _call(self, index: int, y: int) -> None:
        """Call y of a node: of a window the row y, of a fold the input row y, of others the only one."""
        node, choice = self._graph.nodes[index], self._lowered.choices[index]
        doing = f"node {node.name!r}"
        if index in self._without_call:
            for tensor in node.outputs:
                self._memory.read(self._whole(tensor), doing)
            return
        scratch = self._scratch(index)
        if isinstance(choice.access, Window):
            self._window(index, choice.access, y, scratch, f"{doing}, row {y},")
        elif isinstance(choice.access, Fold):
            self._fold(index, y, scratch, f"{doing}, row {y},")
        else:
            self._once(index, scratch, doing)

    def _operands(self, index: int) -> list[int | None]:
        """The tensors that a row kernel gets as rows; a constant is in no arena."""
        node, choice = self._graph.nodes[index], self._lowered.choices[index]
        tensors = [node.inputs[position] for position in choice.operands]
        return [None if tensor is None or tensor not in self._places else tensor for tensor in tensors]

    def _window(self, index: int, access: Window, y: int, scratch: _Bytes | None, doing: str) -> None:
        outputs = [self._row(tensor, y) for tensor in self._graph.nodes[index].outputs]
        if scratch is not None:
            self._memory.write(scratch, doing)
        for position, tensor in enumerate(self._operands(index)):
            if tensor is None:
                continue
            last_read = self._last_read(index, position, tensor, access.columns)
            mask = None if last_read is None else last_read >= 0
            for row in access.rows(y, self._graph.tensors[tensor].height) if position == 0 else (y,):
                place = self._row(tensor, row)
                self._memory.read(place, doing, mask)
                for number, output in enumerate(outputs):
                    if place.meets(output):
                        written = self._written(index, number, access.columns)
                        self._same_call(place, output, last_read, written, doing)
        for output in outputs:
            self._memory.write(output, doing)
        if scratch is not None:
            self._memory.read(scratch, doing)

    def _last_read(self, index: int, position: int, tensor: int, own: Columns | None) -> Tags | None:
        """For each byte of an input row the last block that reads it, in half steps; -1: none does; None: unknown."""
        if (index, position) not in self._orders:
            columns = own if position == 0 or own is None else _POINTWISE
            self._orders[index, position] = self._last_block(index, tensor, own, columns)
        return self._orders[index, position]

    def _last_block(self, index: int, tensor: int, own: Columns | None, columns: Columns | None) -> Tags | None:
        if own is None or columns is None:
            return None
        out_width, what = self._graph.tensors[self._graph.nodes[index].outputs[0]].width, self._graph.tensors[tensor]
        in_width = what.width
        last = np.full(in_width, -1, np.int64)
        for x in range(out_width):
            first = x * columns.stride - columns.pad
            for column in range(first, first + columns.kernel * columns.dilation, columns.dilation):
                if 0 <= column < in_width:
                    last[column] = 2 * (x // own.block) + (0 if own.reads_first else 1)
        return np.repeat(last, what.size_bytes // what.height // in_width)

    def _written(self, index: int, number: int, own: Columns | None) -> Tags | None:
        """For each byte of an output row when it is written; as early as its block allows."""
        if own is None:
            return None
        what = self._graph.tensors[self._graph.nodes[index].outputs[number]]
        blocks = 2 * (np.arange(what.width, dtype=np.int64) // own.block) + (1 if own.reads_first else 0)
        return np.repeat(blocks, what.size_bytes // what.height // what.width)

    def _same_call(
        self, place: _Bytes, output: _Bytes, last_read: Tags | None, written: Tags | None, doing: str
    ) -> None:
        """No byte may be written by the call that still reads it."""
        first, end = max(place.start, output.start), min(place.end, output.end)
        if last_read is not None and written is not None:
            reads = last_read[first - place.start : end - place.start]
            if not (written[first - output.start : end - output.start] <= reads).any():
                return
        raise PlanViolation(f"{doing} writes {_named(output.key)} over {_named(place.key)} while reading it")

    def _fold(self, index: int, y: int, scratch: _Bytes | None, doing: str) -> None:
        node = self._graph.nodes[index]
        source = self._operands(index)[0]
        assert scratch is not None
        height = self._graph.tensors[node.inputs[0] or 0].height
        if y:
            self._memory.read(scratch, doing)
        else:
            self._memory.write(scratch, doing)
        if source is not None:
            self._memory.read(self._row(source, y), doing)
        self._memory.write(scratch, doing)
        if y == height - 1:
            output = self._whole(node.outputs[0])
            self._memory.write(output, doing)
            self._memory.read(scratch, doing)

    def _once(self, index: int, scratch: _Bytes | None, doing: str) -> None:
        node, access = self._graph.nodes[index], self._lowered.choices[index].access
        reads = [self._whole(tensor) for tensor in node.reads if tensor in self._places]
        outputs = [self._whole(tensor) for tensor in node.outputs]
        if scratch is not None:
            self._memory.write(scratch, doing)
        for place in reads:
            self._memory.read(place, doing)
            for output in (output for output in outputs if place.meets(output)):
                order = _element_order(access, place, output, self._graph.tensors[node.outputs[0]].size)
                self._same_call(place, output, order[0], order[1], doing)
        for output in outputs:
            self._memory.write(output, doing)
        for place in (*outputs, *([scratch] if scratch else [])):
            self._memory.read(place, doing)


def _element_order(access: object, place: _Bytes, output: _Bytes, elements: int) -> tuple[Tags | None, Tags | None]:
    """When each byte is read and written by an elementwise call; unknown for other calls."""
    if not isinstance(access, Elementwise) or len(place.tags) % elements or len(output.tags) % elements:
        return None, None
    order = np.arange(elements, dtype=np.int64)
    return np.repeat(2 * order, len(place.tags) // elements), np.repeat(2 * order + 1, len(output.tags) // elements)
