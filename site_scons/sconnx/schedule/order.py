# SPDX-License-Identifier: Apache-2.0
"""Orders in which the nodes can run: that of the graph, and the one with the lowest peak layer by layer.

The graph is cut where one tensor alone is still to be read: every order runs what is before the cut first, so each part is
ordered for itself. A part is searched exactly, by a best-first search over its sets of finished nodes, or, when it has too
many of them, by a beam.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from sconnx.export.lowered import Lowered
from sconnx.schedule.sharing import Sharing
from sconnx.schedule.timeline import Timeline, timeline

EXACT_STATES = 4_000
"""Sets of finished nodes that the exact search takes up in one part."""
BEAM_WIDTH = 16
MOST_RUNS = 50_000
"""Nodes that each search tries: with hundreds of branches side by side, as of an unrolled loop, it would take minutes."""


def orders(lowered: Lowered, sharing: Sharing, kept: frozenset[int]) -> list[tuple[int, ...]]:
    """The order of the graph, then another one if its peak is lower in some part."""
    given = tuple(range(len(lowered.graph.nodes)))
    line = timeline(lowered, given, sharing, kept)
    better = tuple(node for part in _parts(line) for node in _Part(line, part).best())
    return [given] if better == given else [given, better]


def _parts(line: Timeline) -> list[tuple[int, ...]]:
    """The nodes between cuts, in the order of the graph."""
    last_read = {root: node for node in line.order for root in line.reads[node]}
    maker = {tensor: node for node in line.order for tensor in line.lowered.graph.nodes[node].outputs}
    before: list[int] = []
    waiting = {root for root, group in line.groups.items() if group.first < 0}
    found = []
    part: list[int] = []
    for node in line.order:
        part.append(node)
        makers = {maker[tensor] for tensor in line.lowered.graph.nodes[node].reads if tensor in maker}
        # The nodes that must have run, as bits.
        before.append(1 << node | reduce(or_, (before[other] for other in makers), 0))
        waiting = {root for root in waiting | line.writes[node] if last_read.get(root, -1) > node}
        if waiting and waiting <= line.writes[node] and before[node].bit_count() == node + 1:
            found.append(tuple(part))
            part = []
    return [*found, tuple(part)] if part else found


@dataclass(frozen=True, slots=True)
class _State:
    """Finished nodes of a part as bits, the last of them and the state before it, what lives now, and the peak so far."""

    done: int
    ready: tuple[int, ...]
    alive_bytes: int
    peak_bytes: int
    last: int = -1
    before: _State | None = None

    def order(self) -> list[int]:
        """The finished nodes in their order, as positions in the part."""
        found = []
        state: _State | None = self
        while state is not None and state.before is not None:
            found.append(state.last)
            state = state.before
        return found[::-1]


class _Part:
    """The search for one part's order."""

    def __init__(self, line: Timeline, nodes: Sequence[int]) -> None:
        self._line = line
        self._nodes = tuple(nodes)
        self._users: dict[int, int] = {}
        for i, node in enumerate(nodes):
            for root in line.reads[node] | line.writes[node]:
                self._users[root] = self._users.get(root, 0) | 1 << i
        maker = {tensor: i for i, node in enumerate(nodes) for tensor in line.lowered.graph.nodes[node].outputs}
        self._makers = [
            frozenset(maker[tensor] for tensor in line.lowered.graph.nodes[node].reads if tensor in maker)
            for node in nodes
        ]
        self._takers: list[list[int]] = [[] for _ in nodes]
        for i, makers in enumerate(self._makers):
            for j in makers:
                self._takers[j].append(i)

    def best(self) -> tuple[int, ...]:
        """The order of the graph unless another one has a lower peak."""
        if all(i - 1 in self._makers[i] for i in range(1, len(self._nodes))):
            return self._nodes  # A chain has one order.
        ready = tuple(i for i, makers in enumerate(self._makers) if not makers)
        start = given = _State(0, ready, self._line.alive_bytes[self._nodes[0]], 0)
        for i in range(len(self._nodes)):
            given = self._run(given, i)
        found = self._exact(start) or self._beam(start) or given
        return tuple(self._nodes[i] for i in (found if found.peak_bytes < given.peak_bytes else given).order())

    def _run(self, state: _State, i: int) -> _State:
        """One more node: its outputs come to life, then what was read last dies."""
        line, node = self._line, self._nodes[i]
        done = state.done | 1 << i
        born = [root for root in line.writes[node] if self._is_new(root, state.done)]
        dead = [root for root in line.reads[node] | line.writes[node] if self._is_over(root, done)]
        alive_bytes = state.alive_bytes + sum(line.groups[root].size_bytes for root in born)
        need_bytes = alive_bytes + line.scratch_bytes.get(node, 0) - self._overlap_bytes(node, born, dead)
        freed = [j for j in self._takers[i] if all(done >> k & 1 for k in self._makers[j])]
        return _State(
            done=done,
            ready=tuple(sorted([j for j in state.ready if j != i] + freed)),
            alive_bytes=alive_bytes - sum(line.groups[root].size_bytes for root in dead),
            peak_bytes=max(state.peak_bytes, need_bytes),
            last=i,
            before=state,
        )

    def _is_new(self, root: int, done: int) -> bool:
        first = self._line.groups[root].first
        return first >= self._nodes[0] and not self._users[root] & done

    def _is_over(self, root: int, done: int) -> bool:
        last = self._line.groups[root].last
        return last <= self._nodes[-1] and not self._users[root] & ~done

    def _overlap_bytes(self, node: int, born: Sequence[int], dead: Sequence[int]) -> int:
        """What an output may take of an input that dies: by rows nearly the smaller one."""
        calls = self._line.calls[node]
        if calls is None or calls.access.kind == "whole" or not born:
            return 0
        groups = self._line.groups
        return max((min(groups[a].size_bytes, groups[b].size_bytes) for a in born for b in dead if a != b), default=0)

    def _exact(self, start: _State) -> _State | None:
        """An order with the lowest peak; None when there are too many sets of finished nodes."""
        everything = (1 << len(self._nodes)) - 1
        count = 0
        waiting = [(0, 0, count, start)]
        seen = set()
        while waiting:
            state = heapq.heappop(waiting)[-1]
            if state.done == everything:
                return state
            if state.done in seen:
                continue
            seen.add(state.done)
            if len(seen) > EXACT_STATES or count > MOST_RUNS:
                return None
            for i in state.ready:
                after = self._run(state, i)
                count += 1
                heapq.heappush(waiting, (after.peak_bytes, -after.done.bit_count(), count, after))
        raise AssertionError("a part of a graph has no order")

    def _beam(self, start: _State) -> _State | None:
        """The lowest peak among the orders that stay low; of those alike the one with less alive.

        None: it would take too long.
        """
        states, runs = [start], 0
        for _ in self._nodes:
            runs += sum(len(state.ready) for state in states)
            if runs > MOST_RUNS:
                return None
            best: dict[int, _State] = {}
            for after in (self._run(state, i) for state in states for i in state.ready):
                known = best.get(after.done)
                if known is None or (after.peak_bytes, after.alive_bytes) < (known.peak_bytes, known.alive_bytes):
                    best[after.done] = after
            states = sorted(best.values(), key=lambda state: (state.peak_bytes, state.alive_bytes))[:BEAM_WIDTH]
        return states[0]
