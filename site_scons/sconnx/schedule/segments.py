# SPDX-License-Identifier: Apache-2.0
"""Which entries of a timeline run alone and which stream together, so that the peak is as low as asked for.

Dynamic programming over the positions: reach[j] is the least streaming with which the entries before j run within a
threshold; bisection finds the lowest threshold that a segmentation keeps. What a segment needs is only worked out where a node
alone would exceed the threshold, and only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sconnx.schedule.calls import Rows
from sconnx.schedule.distance import node_overlap
from sconnx.schedule.overlap import Overlap
from sconnx.schedule.stream import Stream, simulate
from sconnx.schedule.timeline import Timeline, aligned

LONGEST = 32
"""Entries of one segment at most."""

CALLS_PER_ENTRY = 2000
"""How many calls are followed in search of segments, per entry of the timeline: keeps planning linear in the model's size."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Need:
    """What a segment needs while it runs.

    Args:
        peak_bytes: everything alive in its step, with the best of the overlaps.
        overlaps: what may lie over what.
        stream: of a segment with several entries.
    """

    peak_bytes: int
    overlaps: tuple[Overlap, ...]
    stream: Stream | None = None


def single_need(line: Timeline, p: int) -> Need:
    """Of one entry alone."""
    calls = line.calls[p]
    overlaps: list[Overlap] = []
    for source in _dying(line, p, p + 1) if calls else ():
        for target in _born(line, p, p + 1):
            overlap = node_overlap(line.lowered, calls, source, target) if calls else None
            if overlap is not None:
                overlaps.append(overlap)
    return _need(line, p, p + 1, line.scratch_bytes.get(line.order[p], 0), overlaps, None)


def stream_need(line: Timeline, first: int, end: int, *, both_ways: bool) -> Need:
    """Of several entries that take turns; both_ways also looks at descending rows, which takes twice the time."""
    nodes = [calls for calls in line.calls[first:end] if calls is not None]
    made = {rows.tensor for node in nodes for rows in node.outputs}
    kept = {tensor for tensor in made if not is_ring(line, line.root_of[tensor], first, end)}
    dying = {rows.tensor for rows in _dying(line, first, end)}
    forward = simulate(nodes, kept, line.scratch_bytes, dying)
    backward = None
    if both_ways and all(node.can_reverse for node in nodes):
        backward = simulate([node.mirrored for node in nodes], kept, line.scratch_bytes, dying)
        if any(rows > forward.ring_rows[tensor] for tensor, rows in backward.ring_rows.items()):
            backward = None
    born = {rows.tensor for rows in _born(line, first, end)}
    overlaps = [
        Overlap(
            source=source,
            target=target,
            forward_bytes=distance,
            reversed_bytes=backward.distance_bytes[source, target] if backward else None,
        )
        for (source, target), distance in sorted(forward.distance_bytes.items())
        if target in born
    ]
    return _need(line, first, end, forward.local_bytes, overlaps, forward)


def is_ring(line: Timeline, root: int, first: int, end: int) -> bool:
    """Whether a group is made and read within a range of several entries."""
    group = line.groups[root]
    return first <= group.first and group.last < end and end - first > 1


def _need(
    line: Timeline, first: int, end: int, local_bytes: int, overlaps: Sequence[Overlap], stream: Stream | None
) -> Need:
    born = {root for p in range(first, end) for root in line.writes[p] if line.groups[root].first == p}
    made_bytes = sum(line.groups[root].size_bytes for root in born if not is_ring(line, root, first, end))
    saved_bytes = max((_saved_bytes(line, overlap, len(overlaps)) for overlap in overlaps), default=0)
    return Need(line.alive_bytes[first] + made_bytes + local_bytes - saved_bytes, tuple(overlaps), stream)


def _saved_bytes(line: Timeline, overlap: Overlap, count: int) -> int:
    """How much less two tensors take together than one after the other. With several overlaps all go forward."""
    tensors = line.lowered.graph.tensors
    source, target = (aligned(tensors[tensor].size_bytes) for tensor in (overlap.source, overlap.target))
    distance = overlap.forward_bytes
    if overlap.reversed_bytes is not None and count == 1:
        distance = min(distance, overlap.reversed_bytes)
    extent = max(target, source + max(aligned(distance), 0))
    return max(source + target - extent, 0)


def _born(line: Timeline, first: int, end: int) -> list[Rows]:
    """What calls of the range write of groups that have nothing in them yet."""
    written = [rows for calls in line.calls[first:end] if calls is not None for rows in calls.outputs]
    return [rows for rows in written if line.groups[line.root_of[rows.tensor]].first >= first]


def _dying(line: Timeline, first: int, end: int) -> list[Rows]:
    """What the calls of the range read of groups made before that nobody needs after it; one view of each group, or none."""
    views: dict[int, dict[int, Rows]] = {}
    for rows in (rows for calls in line.calls[first:end] if calls is not None for rows in calls.operands if rows):
        group = line.groups[line.root_of[rows.tensor]]
        if group.first < first and group.last < end:
            views.setdefault(group.tensors[0], {})[rows.tensor] = rows
    return [next(iter(found.values())) for _, found in sorted(views.items()) if len(found) == 1]


def can_stream(line: Timeline, first: int, end: int) -> bool:
    """Whether all entries work by rows, and each but the last for another one of them."""
    for p in range(first, end):
        calls = line.calls[p]
        if calls is None or not calls.is_by_rows:
            return False
        if p < end - 1 and not any(line.writes[p] & line.reads[q] for q in range(p + 1, end)):
            return False
    return True


@dataclass(slots=True)
class Segmenter:
    """Chooses segments of one timeline; remembers what each range needs."""

    line: Timeline
    singles: list[Need] = field(init=False)
    known: dict[Range, Need | None] = field(default_factory=dict)
    calls_left: int = field(init=False)
    by_rows_from: list[int] = field(default_factory=list)
    """For each entry the first one from which on all work by rows; behind it if it does not itself."""

    def __post_init__(self) -> None:
        for p, calls in enumerate(self.line.calls):
            is_by_rows = calls is not None and calls.is_by_rows
            self.by_rows_from.append((self.by_rows_from[-1] if p else 0) if is_by_rows else p + 1)
        self.singles = [single_need(self.line, p) for p in range(len(self.line.order))]
        self.calls_left = CALLS_PER_ENTRY * len(self.line.order) + 200_000

    def need(self, segment: Range) -> Need:
        """Of a segment that was chosen, in both directions."""
        first, end = segment
        return self.singles[first] if end - first == 1 else stream_need(self.line, first, end, both_ways=True)

    def layer_by_layer(self) -> list[Range]:
        return [(p, p + 1) for p in range(len(self.line.order))]

    def lowest(self, slack: float) -> list[Range]:
        """The segments with the least streaming whose peak is at most (1 + slack) times the lowest that was found."""
        best = self.layer_by_layer()
        high = self.peak_bytes(best)
        low = max(self.line.alive_bytes[0], self.line.alive_bytes[-1])
        while low < high:
            middle = (low + high) // 2
            found = self._within(middle)
            if found is None:
                low = middle + 1
            else:
                best, high = found, self.peak_bytes(found)
        return (self._within(int(high * (1 + slack))) or best) if slack else best

    def peak_bytes(self, segments: Sequence[Range]) -> int:
        """The most that a segment needs, each in ascending order of its rows."""
        found = (
            self.singles[segment[0]] if segment[1] - segment[0] == 1 else self.known[segment] for segment in segments
        )
        return max((need.peak_bytes for need in found if need is not None), default=0)

    def _within(self, limit_bytes: int) -> list[Range] | None:
        """Segments that all keep the limit, with the fewest entries that stream; None when there are none."""
        count = len(self.line.order)
        hot = [need.peak_bytes > limit_bytes for need in self.singles]
        reach: list[tuple[int, int] | None] = [(0, 0)] + [None] * count
        latest_hot = -1
        for end in range(1, count + 1):
            latest_hot = end - 1 if hot[end - 1] else latest_hot
            best = reach[end - 1]
            found = (best[0], end - 1) if best is not None and not hot[end - 1] else None
            # A segment without a hot entry would stream for nothing.
            for first in range(min(end - 2, latest_hot), max(end - LONGEST, self.by_rows_from[end - 1]) - 1, -1):
                start = reach[first]
                if start is None or (found is not None and start[0] + end - first >= found[0]):
                    continue
                if self._keeps(first, end, limit_bytes):
                    found = (start[0] + end - first, first)
            reach[end] = found
        return _path(reach)

    def _keeps(self, first: int, end: int, limit_bytes: int) -> bool:
        if self.line.alive_bytes[end] > limit_bytes or self.line.alive_bytes[first] > limit_bytes:
            return False
        if (first, end) not in self.known:
            self.known[first, end] = self._stream(first, end)
        need = self.known[first, end]
        return need is not None and need.peak_bytes <= limit_bytes

    def _stream(self, first: int, end: int) -> Need | None:
        if self.calls_left <= 0 or not can_stream(self.line, first, end):
            return None
        self.calls_left -= sum(calls.count for calls in self.line.calls[first:end] if calls is not None)
        return stream_need(self.line, first, end, both_ways=False)


def _path(reach: Sequence[tuple[int, int] | None]) -> list[Range] | None:
    segments: list[Range] = []
    end = len(reach) - 1
    while end:
        step = reach[end]
        if step is None:
            return None
        segments.append((step[1], end))
        end = step[1]
    return segments[::-1]
