# SPDX-License-Identifier: Apache-2.0
"""The row calls of a node: which rows of its operands a call reads, and which rows of its outputs it writes.

This is the view of an implementation's `Access` that streaming and overlap need. A node that works row by row (`Window`, `Fold`)
can take part in a streaming segment; any other makes one call that reads and writes everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from sconnx.export.access import Access, Fold, Window
from sconnx.export.lowered import Lowered
from sconnx.graph.tensor import Constant

APPLICATION = -1
"""In place of a node: the application, which pushes the rows of an input."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A tensor seen as `height` rows of `row_bytes` each."""

    tensor: int
    height: int
    row_bytes: int

    @property
    def size_bytes(self) -> int:
        return self.height * self.row_bytes


@dataclass(frozen=True)
class NodeCalls:
    """The calls of one node in a schedule; the tables are made once, since segments are searched among the same nodes.

    Args:
        access: the order of reading and writing.
        operands: of a row-wise node what its kernel gets as rows, of another all that it reads; None is a constant, in no arena.
        outputs: what the calls write.
        is_reversed: rows come from the last to the first. The windows here are mirrored, so that row 0 is the last row
            of every tensor, and everything else stays the same.
    """

    node: int
    access: Access
    operands: tuple[Rows | None, ...]
    outputs: tuple[Rows, ...]
    is_reversed: bool = False

    @property
    def is_by_rows(self) -> bool:
        return isinstance(self.access, Window | Fold)

    @property
    def can_reverse(self) -> bool:
        """A fold and the application have rows in order only; a node with one call has no direction."""
        return isinstance(self.access, Window) and self.node != APPLICATION

    @cached_property
    def count(self) -> int:
        """Number of calls."""
        if isinstance(self.access, Window):
            return self.outputs[0].height
        operand = self.operands[0]
        return operand.height if isinstance(self.access, Fold) and operand is not None else 1

    @cached_property
    def reads(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each operand and call the rows [first, end) that are read; empty when all of them are padding.

        A dilated window skips some of the rows between; they are counted in.
        """
        calls = range(self.count)
        return tuple(tuple(self._rows_read(call, position) for call in calls) for position in range(len(self.operands)))

    def _rows_read(self, call: int, position: int) -> tuple[int, int]:
        rows = self.operands[position]
        if rows is None:
            return 0, 0
        if isinstance(self.access, Window):
            if position:
                return call, call + 1
            touched = self.access.rows(call, rows.height)
            return (touched[0], touched[-1] + 1) if touched else (0, 0)
        return (call, call + 1) if isinstance(self.access, Fold) else (0, rows.height)

    @cached_property
    def wanted(self) -> tuple[tuple[int, ...], ...]:
        """For each operand and call how many rows, from the first on, must be there before it."""
        calls = range(self.count)
        return tuple(
            tuple(self._rows_wanted(call, position) for call in calls) for position in range(len(self.operands))
        )

    def _rows_wanted(self, call: int, position: int) -> int:
        rows = self.operands[position]
        if rows is None:
            return 0
        if isinstance(self.access, Window) and position == 0:
            reach = (self.access.kernel - 1) * self.access.dilation + 1
            return min(max(call * self.access.stride - self.access.pad + reach, 0), rows.height)
        return call + 1 if self.is_by_rows else rows.height

    @cached_property
    def writes(self) -> tuple[tuple[int, int], ...]:
        """For each call the rows [first, end) that it writes of every output."""
        height = self.outputs[0].height
        if isinstance(self.access, Window):
            return tuple((call, call + 1) for call in range(height))
        return (*((0, 0) for _ in range(self.count - 1)), (0, height))

    @cached_property
    def mirrored(self) -> NodeCalls:
        """The same node with its rows from the last to the first."""
        source, window = self.operands[0], self.access
        if not isinstance(window, Window) or source is None:
            return replace(self, is_reversed=True)
        reach = (self.outputs[0].height - 1) * window.stride + (window.kernel - 1) * window.dilation + 1
        pad = reach - source.height - window.pad
        return replace(self, access=replace(window, pad=pad), is_reversed=True)


def node_calls(lowered: Lowered, index: int) -> NodeCalls:
    """The calls of graph.nodes[index], first row first."""
    graph, choice = lowered.graph, lowered.choices[index]
    node = graph.nodes[index]
    by_rows = isinstance(choice.access, Window | Fold)
    positions = choice.operands if by_rows else tuple(range(len(node.inputs)))

    def rows(tensor: int) -> Rows:
        height = graph.tensors[tensor].height
        return Rows(tensor, height, graph.tensors[tensor].size_bytes // height)

    tensors = [node.inputs[position] for position in positions]
    operands = [
        None if tensor is None or isinstance(graph.tensors[tensor], Constant) else rows(tensor) for tensor in tensors
    ]
    return NodeCalls(index, choice.access, tuple(operands), tuple(rows(tensor) for tensor in node.outputs))


def pushed_rows(lowered: Lowered, tensor: int) -> NodeCalls:
    """The application as a node: it makes the rows of `tensor`, one a call."""
    height = lowered.graph.tensors[tensor].height
    rows = Rows(tensor, height, lowered.graph.tensors[tensor].size_bytes // height)
    return NodeCalls(APPLICATION, Window(kernel=1, stride=1, dilation=1, pad=0), (), (rows,))
