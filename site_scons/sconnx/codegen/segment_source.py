# SPDX-License-Identifier: Apache-2.0
"""The function of a segment whose nodes take turns, row by row, on demand.

y[k] counts the rows of node k. A turn starts at the node that drives the segment; as long as a node lacks rows of an operand, the
turn goes to the node that makes them; who lacks nothing makes one row. This is the order of schedule/stream.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.codegen.names import c_comment
from sconnx.codegen.symbols import segment_name, step_name
from sconnx.export.access import Fold, Window
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import MemoryPlan
from sconnx.schedule.calls import APPLICATION, NodeCalls, node_calls, pushed_rows
from sconnx.schedule.schedule import Schedule, Segment
from sconnx.schedule.stream import drivers


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Node `taker` lacks rows of an operand under a condition; the turn goes to `maker`."""

    taker: int
    condition: str
    maker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What node `number` does in its turn: a call of its function for one row."""

    number: int
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentText:
    """A segment's function.

    Args:
        unfinished: the condition of the loop.
        driver: which node's turn it is at first.
        keeps_state: whether the counters outlive a call, because node 0 is the application, who pushes rows.
    """

    function: str
    comment: str
    counters: int
    keeps_state: bool
    unfinished: str
    driver: str
    asks: tuple[Ask, ...]
    turns: tuple[Turn, ...]


def segment_calls(lowered: Lowered, segment: Segment, *, is_reversed: bool) -> list[NodeCalls]:
    """The calls of a segment's nodes, the application's first where it pushes rows."""
    nodes = [pushed_rows(lowered, segment.pushed)] if segment.pushed is not None else []
    nodes += [node_calls(lowered, node) for node in segment.nodes]
    return [node.mirrored for node in nodes] if is_reversed else nodes


def segment_text(lowered: Lowered, schedule: Schedule, plan: MemoryPlan, step: int) -> SegmentText:
    """The text of a segment of several nodes."""
    model, segment = lowered.graph.name, schedule.segments[step]
    nodes = segment_calls(lowered, segment, is_reversed=step in plan.reversed_steps)
    rings = {mem.tensor for mem in plan.tensors if mem.ring_rows is not None}
    made = {rows.tensor for node in nodes for rows in node.outputs}
    within = {lifetime.tensor for lifetime in schedule.lifetimes if lifetime.last == step + 1}
    driving = drivers(nodes, made - rings - within)
    return SegmentText(
        function=segment_name(model, step),
        comment=c_comment(
            f"Row by row, on demand: {', '.join(lowered.graph.nodes[node].type for node in segment.nodes)}"
        ),
        counters=len(nodes),
        keeps_state=segment.pushed is not None,
        unfinished=" || ".join(f"y[{k}] < {nodes[k].count}" for k in driving),
        driver="".join(f"(y[{k}] < {nodes[k].count}) ? {k} : " for k in driving[:-1]) + str(driving[-1]),
        asks=tuple(_asks(nodes)),
        turns=tuple(
            Turn(number=k, call=f"{step_name(model, node.node)}(ctx, {_row(node, k)})")
            for k, node in enumerate(nodes)
            if node.node != APPLICATION
        ),
    )


def _row(node: NodeCalls, k: int) -> str:
    return f"{node.count - 1} - y[{k}]" if node.is_reversed else f"y[{k}]"


def _asks(nodes: Sequence[NodeCalls]) -> list[Ask]:
    """From the last node to the first, so that one pass follows a turn to where it ends."""
    maker = {rows.tensor: k for k, node in enumerate(nodes) for rows in node.outputs}
    return [
        Ask(
            taker=k,
            condition=f"{_ready(nodes, maker[rows.tensor])} < {_wanted(node, k, position)}",
            maker=maker[rows.tensor],
        )
        for k, node in reversed(list(enumerate(nodes)))
        for position, rows in enumerate(node.operands)
        if rows is not None and rows.tensor in maker
    ]


def _ready(nodes: Sequence[NodeCalls], k: int) -> str:
    """The rows that a node has made."""
    return f"y[{k}] / {nodes[k].count}" if isinstance(nodes[k].access, Fold) else f"y[{k}]"


def _wanted(node: NodeCalls, k: int, position: int) -> str:
    rows, window = node.operands[position], node.access
    assert rows is not None
    if isinstance(window, Window) and position == 0:
        reach = (window.kernel - 1) * window.dilation + 1
        return f"sx_rows_wanted(y[{k}], {window.stride}, {window.pad}, {reach}, {rows.height})"
    return f"y[{k}] + 1"
