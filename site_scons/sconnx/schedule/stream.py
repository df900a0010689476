# SPDX-License-Identifier: Apache-2.0
"""Row streaming: the nodes of a segment take turns, row by row, so that the tensors between them need only a few rows each.

Rows are made on demand: the last node asks for the rows it reads, whoever makes those asks for its own, and every row is made
once. `call_order` is that order; the generated code has the same one (codegen/segment_source.py). `simulate` follows it and
tells how many rows each tensor between the nodes must keep, which of these rings are never in use at one time, and how far
an output may run into an input.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sconnx.export.access import Fold
from sconnx.memory.meminfo import scratch_key
from sconnx.schedule.calls import NodeCalls, Rows

NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Stream:
    """What streaming a segment takes.

    Args:
        ring_rows: for each tensor that no one outside reads, how many of its rows are kept.
        local_bytes: the most bytes of rings and scratch buffers that are in use at one time.
        apart: pairs of rings and scratch buffers that are never in use at one time; tensors by index, scratch by `scratch_key`.
        distance_bytes: for a source and a target, how far the source must lie above the target at least.
    """

    ring_rows: Mapping[int, int]
    local_bytes: int
    apart: frozenset[tuple[int, int]]
    distance_bytes: Mapping[tuple[int, int], int]


def call_order(nodes: Sequence[NodeCalls], kept: Collection[int]) -> list[tuple[int, int]]:
    """The calls as (position in nodes, call), in the order in which they are made.

    Args:
        nodes: in an order in which they can run; the last one drives the others.
        kept: the tensors that are needed in full; where the last node did not ask for all their rows, these are made at the end.
    """
    producer = {rows.tensor: k for k, node in enumerate(nodes) for rows in node.outputs}
    wanted = [_wanted(node, producer) for node in nodes]
    counts = [node.count for node in nodes]
    folds = [isinstance(node.access, Fold) for node in nodes]
    done = [0] * len(nodes)
    order: list[tuple[int, int]] = []

    def unmet(k: int) -> int | None:
        for source, rows in wanted[k]:
            ready = done[source] == counts[source] if folds[source] else done[source]
            if ready < rows[done[k]]:
                return source
        return None

    for driver in drivers(nodes, kept):
        while done[driver] < counts[driver]:
            asked = [driver]
            while asked:
                source = unmet(asked[-1])
                if source is not None:
                    asked.append(source)
                    continue
                k = asked.pop()
                order.append((k, done[k]))
                done[k] += 1
    return order


def drivers(nodes: Sequence[NodeCalls], kept: Collection[int]) -> list[int]:
    """Positions of the nodes that must run to their end: the last one first."""
    last = len(nodes) - 1
    others = [k for k in range(last) if any(rows.tensor in kept for rows in nodes[k].outputs)]
    return [last, *reversed(others)]


def _wanted(node: NodeCalls, producer: Mapping[int, int]) -> list[tuple[int, tuple[int, ...]]]:
    """For each operand that a node of the segment makes: who, and the rows that must be there before each call."""
    found = []
    for position, rows in enumerate(node.operands):
        if rows is not None and rows.tensor in producer:
            found.append((producer[rows.tensor], node.wanted[position]))
    return found


def simulate(
    nodes: Sequence[NodeCalls], kept: Collection[int], scratch_bytes: Mapping[int, int], dying: Collection[int]
) -> Stream:
    """Follow the calls of a segment.

    Args:
        kept: tensors made here that are needed in full.
        scratch_bytes: of the nodes that have a scratch buffer, by node.
        dying: tensors made before that nobody reads after this segment.
    """
    order = call_order(nodes, kept)
    written, last_read = _row_events(nodes, order)
    made = {rows.tensor: rows for node in nodes for rows in node.outputs}
    rings = {tensor: _ring_rows(written[tensor], last_read[tensor]) for tensor in made if tensor not in kept}
    spans = {
        tensor: (_row_spans(written[tensor], last_read[tensor]), rings[tensor] * made[tensor].row_bytes)
        for tensor in rings
    }
    for k, node in enumerate(nodes):
        if scratch_bytes.get(node.node):
            spans[scratch_key(node.node)] = (_scratch_spans(node, k, order), scratch_bytes[node.node])
    return Stream(
        ring_rows=rings,
        local_bytes=_most_bytes(spans.values(), len(order)),
        apart=_apart({key: span for key, (span, _) in spans.items()}),
        distance_bytes=_distances(nodes, order, [made[tensor] for tensor in sorted(kept)], dying),
    )


Spans = list[tuple[int, int]]
"""Closed intervals of calls, ascending and apart."""


def _row_events(
    nodes: Sequence[NodeCalls], order: Sequence[tuple[int, int]]
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """For each tensor made here and each of its rows: the call that writes it, or NEVER, and the last that reads it, or -1."""
    made = {rows.tensor: rows.height for node in nodes for rows in node.outputs}
    written = {tensor: [NEVER] * height for tensor, height in made.items()}
    last_read = {tensor: [-1] * height for tensor, height in made.items()}
    for event, (k, call) in enumerate(order):
        node = nodes[k]
        for position, rows in enumerate(node.operands):
            if rows is not None and rows.tensor in made:
                first, end = node.reads[position][call]
                last_read[rows.tensor][first:end] = [event] * (end - first)
        first, end = node.writes[call]
        for rows in node.outputs:
            written[rows.tensor][first:end] = [event] * (end - first)
    return written, last_read


def _ring_rows(written: Sequence[int], last_read: Sequence[int]) -> int:
    """Row r lies in slot r % ring_rows: the fewest slots that overwrite no row that is still read."""
    most, oldest = 1, 0
    for row, event in enumerate(written):
        if event == NEVER:
            break
        while oldest < row and last_read[oldest] < event:
            oldest += 1
        most = max(most, row - oldest + 1)
    return most


def _row_spans(written: Sequence[int], last_read: Sequence[int]) -> Spans:
    """When a ring holds something that is still read; a row that nobody reads is there while it is written."""
    spans: Spans = []
    for first, last in zip(written, last_read, strict=True):
        if first == NEVER:
            break
        last = max(first, last)
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans


def _scratch_spans(node: NodeCalls, k: int, order: Sequence[tuple[int, int]]) -> Spans:
    """A scratch buffer is in use during each call; that of a fold from the first to the last."""
    events = [event for event, (position, _) in enumerate(order) if position == k]
    return [(events[0], events[-1])] if isinstance(node.access, Fold) else [(event, event) for event in events]


def _most_bytes(spans: Iterable[tuple[Spans, int]], calls: int) -> int:
    change = [0] * (calls + 1)
    for intervals, size_bytes in spans:
        for first, last in intervals:
            change[first] += size_bytes
            change[last + 1] -= size_bytes
    return max(accumulate(change), default=0)


def _apart(spans: Mapping[int, Spans]) -> frozenset[tuple[int, int]]:
    masks = [
        (key, sum(((1 << (last - first + 1)) - 1) << first for first, last in spans[key])) for key in sorted(spans)
    ]
    return frozenset(
        (key, other)
        for i, (key, mask) in enumerate(masks)
        for other, other_mask in masks[i + 1 :]
        if not mask & other_mask
    )


def _distances(
    nodes: Sequence[NodeCalls], order: Sequence[tuple[int, int]], targets: Sequence[Rows], dying: Collection[int]
) -> dict[tuple[int, int], int]:
    """How far each dying source must lie above each target: no call may write where it, or a later one, still reads.

    distance = max over calls of (end of the target's rows written so far - first byte of the source that is still read)
    """
    producer = {rows.tensor: k for k, node in enumerate(nodes) for rows in node.outputs}
    distances = {}
    for source in _sources(nodes, dying):
        lowest = _still_read(nodes, order, source)
        for target in targets:
            distance = -source.size_bytes
            for event, (k, call) in enumerate(order):
                first, end = nodes[k].writes[call]
                if k == producer[target.tensor] and first < end and lowest[event] < NEVER:
                    distance = max(distance, end * target.row_bytes - lowest[event] * source.row_bytes)
            distances[source.tensor, target.tensor] = distance
    return distances


def _sources(nodes: Sequence[NodeCalls], dying: Collection[int]) -> list[Rows]:
    found = {rows.tensor: rows for node in nodes for rows in node.operands if rows is not None and rows.tensor in dying}
    return [found[tensor] for tensor in sorted(found)]


def _still_read(nodes: Sequence[NodeCalls], order: Sequence[tuple[int, int]], source: Rows) -> list[int]:
    """For each call the first row of the source that it or a later one reads."""
    lowest = NEVER
    found = [NEVER] * len(order)
    for event in range(len(order) - 1, -1, -1):
        k, call = order[event]
        for position, rows in enumerate(nodes[k].operands):
            if rows is not None and rows.tensor == source.tensor:
                first, end = nodes[k].reads[position][call]
                if first < end:
                    lowest = min(lowest, first)
        found[event] = lowest
    return found
