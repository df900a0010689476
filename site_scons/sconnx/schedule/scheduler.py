# SPDX-License-Identifier: Apache-2.0
"""ExportScheduler: one for all exports. Order, segments, lifetimes, and what may share bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant, State, Tensor
from sconnx.memory.meminfo import scratch_key
from sconnx.schedule.calls import APPLICATION, NodeCalls
from sconnx.schedule.order import orders
from sconnx.schedule.overlap import Overlap
from sconnx.schedule.policies import INPUT_POLICIES, OUTPUT_POLICIES
from sconnx.schedule.schedule import Lifetime, Schedule, Segment
from sconnx.schedule.segments import Need, Range, Segmenter
from sconnx.schedule.sharing import Sharing, find_sharing
from sconnx.schedule.states import state_copies
from sconnx.schedule.timeline import ALIGNMENT_BYTES, Timeline, timeline, with_application

SLACK = {"ram": 0.0, "balanced": 1 / 8}
"""How much above the lowest peak a mode goes for less streaming; a mode that is not here does not stream."""


@dataclass(frozen=True, slots=True)
class ExportScheduler:
    """Orders the nodes, groups them in segments, and derives lifetimes and relations.

    Args:
        input_policy: "keep" leaves the graph inputs intact until the run has ended, "clobber" lets the plan overwrite them once
            they were read for the last time, "stream" has the application push the rows of the only input.
        optimize: "ram" streams wherever that lowers the peak, "balanced" where it lowers it much, "speed" nowhere.
        output_policy: "arena", or "caller": the application says for each run where the outputs go.
    """

    input_policy: str = "keep"
    optimize: str = "balanced"
    output_policy: str = "arena"

    def __post_init__(self) -> None:
        for what, value, allowed in (
            ("input policy", self.input_policy, INPUT_POLICIES),
            ("output policy", self.output_policy, OUTPUT_POLICIES),
        ):
            if value not in allowed:
                raise ValueError(f"{what} is {value!r}; it must be one of {', '.join(allowed)}")

    def schedule(self, lowered: Lowered) -> Schedule:
        """Raises SconnxError E303 when the rows of the input cannot be streamed, E304 when states cannot be updated."""
        if self.input_policy == "stream" and len(lowered.graph.inputs) != 1:
            raise SconnxError(
                "E303",
                f"input=stream needs one input, the model has {len(lowered.graph.inputs)}",
                where=lowered.graph.name,
                help="use input=keep or input=clobber",
            )
        sharing = find_sharing(lowered)
        plans = [self._plan(lowered, sharing, order) for order in orders(lowered, sharing, self._kept(lowered))]
        segmenter, segments = min(plans, key=lambda plan: plan[0].peak_bytes(plan[1]))
        return self._document(lowered, sharing, segmenter, segments)

    def _kept(self, lowered: Lowered) -> frozenset[int]:
        """What is needed after the run: by the application, or by the next run."""
        graph = lowered.graph
        kept = [tensor for tensor in graph.kept if not isinstance(graph.tensors[tensor], Constant)]
        states = [update.state for update in graph.states]
        return frozenset((*kept, *states, *(graph.inputs if self.input_policy == "keep" else ())))

    def _plan(self, lowered: Lowered, sharing: Sharing, order: Sequence[int]) -> tuple[Segmenter, list[Range]]:
        entries = with_application(lowered, order) if self.input_policy == "stream" else order
        segmenter = Segmenter(timeline(lowered, entries, sharing, self._kept(lowered)))
        slack = SLACK.get(self.optimize)
        return segmenter, segmenter.layer_by_layer() if slack is None else segmenter.lowest(slack)

    def _document(
        self, lowered: Lowered, sharing: Sharing, segmenter: Segmenter, segments: Sequence[Range]
    ) -> Schedule:
        line = segmenter.line
        needs = [segmenter.need(segment) for segment in segments]
        return Schedule(
            optimize=self.optimize,
            input_policy=self.input_policy,
            output_policy=self.output_policy,
            segments=tuple(
                Segment(
                    nodes=tuple(node for node in line.order[first:end] if node != APPLICATION),
                    pushed=line.pushed if APPLICATION in line.order[first:end] else None,
                )
                for first, end in segments
            ),
            without_call=tuple(sorted(sharing.copied_nowhere)),
            lifetimes=_lifetimes(line, sharing, segments, needs),
            overlaps=_forward_only_where_several(needs),
            state_copies=state_copies(lowered, sharing, self.output_policy),
            apart=tuple(sorted(pair for need in needs if need.stream for pair in need.stream.apart)),
        )


def _forward_only_where_several(needs: Sequence[Need]) -> tuple[Overlap, ...]:
    """A step has one direction: where several tensors of it overlap, it is forward, and they say so."""
    found = []
    for need in needs:
        for overlap in need.overlaps:
            backward = overlap.reversed_bytes if len(need.overlaps) == 1 else None
            found.append(replace(overlap, reversed_bytes=backward))
    return tuple(found)


def _lifetimes(
    line: Timeline, sharing: Sharing, segments: Sequence[Range], needs: Sequence[Need]
) -> tuple[Lifetime, ...]:
    step_of = [step for step, (first, end) in enumerate(segments) for _ in range(first, end)]
    step_of.append(len(segments))
    tensors = line.lowered.graph.tensors
    rings = {tensor: rows for need in needs if need.stream for tensor, rows in need.stream.ring_rows.items()}
    traffic = _traffic_bytes(line)
    found = []
    for tensor, (root, _) in sorted(sharing.root_of.items()):
        group = line.groups[root]
        ring_rows = next((rings[member] for member in group.tensors if member in rings), None)
        if ring_rows is not None and ring_rows >= _height(line, group.tensors):
            ring_rows = None
        size_bytes = tensors[tensor].size_bytes
        if ring_rows is not None:
            size_bytes = ring_rows * (size_bytes // _height(line, group.tensors))
        found.append(
            Lifetime(
                tensor=tensor,
                size_bytes=size_bytes,
                alignment_bytes=_alignment_bytes(tensors[tensor], is_inside=tensor in sharing.relations),
                first=0 if group.first < 0 else step_of[group.first],
                last=step_of[group.last] + 1,
                ring_rows=ring_rows,
                relation=sharing.relations.get(tensor),
                traffic_bytes=traffic.get(tensor, 0),
                is_input=tensor in line.lowered.graph.given,
                is_state=isinstance(tensors[tensor], State),
            )
        )
    return (*found, *_scratch(line, step_of))


def _alignment_bytes(tensor: Tensor, *, is_inside: bool) -> int:
    """A tensor that lies in another one begins where that says, which must suit its elements."""
    return tensor.dtype.size_bytes if is_inside else max(tensor.dtype.size_bytes, ALIGNMENT_BYTES)


def _height(line: Timeline, tensors: Sequence[int]) -> int:
    """Rows of a group of one tensor; where the application pushes an alias of the input, the rows of that."""
    tensor = line.pushed if line.pushed in tensors else tensors[0]
    assert tensor is not None
    return line.lowered.graph.tensors[tensor].height


def _scratch(line: Timeline, step_of: Sequence[int]) -> list[Lifetime]:
    return [
        Lifetime(
            tensor=scratch_key(node),
            size_bytes=line.lowered.choices[node].scratch_bytes,
            alignment_bytes=ALIGNMENT_BYTES,
            first=step_of[p],
            last=step_of[p] + 1,
            scratch_of=node,
            traffic_bytes=line.lowered.choices[node].scratch_bytes,
        )
        for p, node in enumerate(line.order)
        if line.scratch_bytes.get(node)
    ]


def _traffic_bytes(line: Timeline) -> Mapping[int, int]:
    """What the calls of a run read from every tensor and write to it."""
    traffic: dict[int, int] = {}

    def count(calls: NodeCalls) -> None:
        for position, rows in enumerate(calls.operands):
            if rows is not None:
                read = sum(end - first for first, end in calls.reads[position])
                traffic[rows.tensor] = traffic.get(rows.tensor, 0) + read * rows.row_bytes
        for rows in calls.outputs:
            traffic[rows.tensor] = traffic.get(rows.tensor, 0) + rows.size_bytes

    for calls in line.calls:
        if calls is not None:
            count(calls)
    return traffic
