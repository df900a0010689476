# SPDX-License-Identifier: Apache-2.0
"""In which order the calls of a segment are made, for the checker; written for itself, apart from the scheduler's.

Each turn starts at the node that drives the segment and goes to whoever makes the first rows that are missing, as the generated
code does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from sconnx.export.access import Fold, Window
from sconnx.export.lowered import Lowered
from sconnx.schedule.schedule import Segment

Call = tuple[int | None, int]
"""A node, None being the application, and the row of its call; 0 for a node with one call."""


class Turns:
    """The calls of one segment.

    Args:
        kept: tensors made here that are needed in full afterwards.
    """

    def __init__(self, lowered: Lowered, segment: Segment, kept: AbstractSet[int], is_reversed: bool) -> None:
        self._lowered = lowered
        self._is_reversed = is_reversed
        self._pushed = segment.pushed
        self._nodes: list[int | None] = [*([None] if segment.pushed is not None else []), *segment.nodes]
        self._made = dict.fromkeys(self._nodes, 0)
        self._maker = {tensor: node for node in self._nodes for tensor in self._outputs(node)}
        needed = [node for node in self._nodes[:-1] if not kept.isdisjoint(self._outputs(node))]
        self._drivers = [self._nodes[-1], *reversed(needed)]

    def order(self) -> Iterator[Call]:
        """All calls, in their order."""
        for driver in self._drivers:
            while self._made[driver] < self._count(driver):
                node = self._whose_turn(driver)
                y = self._made[node]
                yield node, self._count(node) - 1 - y if self._is_reversed else y
                self._made[node] += 1

    def _outputs(self, node: int | None) -> tuple[int, ...]:
        if node is None:
            assert self._pushed is not None
            return (self._pushed,)
        return self._lowered.graph.nodes[node].outputs

    def _height(self, tensor: int) -> int:
        return self._lowered.graph.tensors[tensor].height

    def _count(self, node: int | None) -> int:
        access = None if node is None else self._lowered.choices[node].access
        if node is None or isinstance(access, Window):
            return self._height(self._outputs(node)[0])
        source = self._lowered.graph.nodes[node].inputs[0]
        return self._height(source) if isinstance(access, Fold) and source is not None else 1

    def _whose_turn(self, node: int | None) -> int | None:
        """Follow what is missing."""
        while node is not None:
            missing = self._missing(node)
            if missing is None:
                return node
            node = self._maker[missing]
        return node

    def _missing(self, node: int) -> int | None:
        """The first operand, made in this segment, that lacks a row."""
        choice, inputs = self._lowered.choices[node], self._lowered.graph.nodes[node].inputs
        for position, operand in enumerate(choice.operands):
            tensor = inputs[operand]
            if (
                tensor is not None
                and tensor in self._maker
                and self._there(tensor) < self._wanted(node, position, tensor)
            ):
                return tensor
        return None

    def _there(self, tensor: int) -> int:
        """Rows of a tensor that have been made."""
        maker = self._maker[tensor]
        made = self._made[maker]
        is_fold = maker is not None and isinstance(self._lowered.choices[maker].access, Fold)
        return int(made == self._count(maker)) if is_fold else made

    def _wanted(self, node: int, position: int, tensor: int) -> int:
        """Rows of an operand that the node's next call wants to be there."""
        call, access = self._made[node], self._lowered.choices[node].access
        if position or not isinstance(access, Window):
            return call + 1
        height = self._height(tensor)
        if self._is_reversed:
            first = (self._count(node) - 1 - call) * access.stride - access.pad
            return min(max(height - first, 0), height)
        last = call * access.stride - access.pad + (access.kernel - 1) * access.dilation
        return min(max(last + 1, 0), height)
