# SPDX-License-Identifier: Apache-2.0
"""What follows from the choices of a search: bounds of the offsets, kept up to date and taken back.

The reasons for the rules are in `search.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any

from sconnx.memory.placement.domain import Domain

NEVER = 1 << 60


class Bounds:
    """Earliest and latest offsets of the blocks that are not yet placed.

    A trail of old values takes changes back. `steps` counts the looks at blocks: the time that the search takes.
    """

    __slots__ = (
        "_base",
        "_dirty",
        "_earliest",
        "_failures",
        "_latest",
        "_left",
        "_loose",
        "_offsets",
        "_ordered",
        "_queue",
        "_record",
        "_totals",
        "_trail",
        "_unplaced",
        "_witness",
        "domain",
        "steps",
    )

    def __init__(self, domain: Domain) -> None:
        count, parts = len(domain.sizes), len(domain.members)
        self.domain = domain
        self.steps = 0
        self._earliest = list(domain.earliest)
        self._latest = list(domain.latest)
        # The lowest offset above all placed rivals, the offset of each placed block, and how many are not placed.
        self._base = [0] * count
        self._offsets = [-1] * count
        self._left = count
        # Of each step: its unplaced blocks, their weights; candidates for the lowest block, room to spare, lowest start.
        self._unplaced = [list(members) for members in domain.members]
        self._totals = [sum(domain.weights[block] for block in members) for members in domain.members]
        self._record = [(0, 0, 0)] * parts
        self._failures = [1.0] * parts
        # An unplaced rival that may support the block; blocks and steps that must be looked at; pairs of known order.
        self._witness = [-1] * count
        self._loose: list[int] = []
        self._dirty = [True] * parts
        self._queue = list(range(parts))
        self._ordered: set[tuple[int, int]] = set()
        self._trail: list[tuple[Any, int, Any]] = []

    def _raise(self, block: int, offset: int) -> bool:
        """Raise the earliest offset of an unplaced block; it and those that it might have supported are looked at later."""
        domain = self.domain
        if domain.grains[block] > 1:
            offset = -(-offset // domain.grains[block]) * domain.grains[block]
        if domain.holes[block]:
            offset = domain.admit(block, offset)
        earliest, loose, witness = self._earliest, self._loose, self._witness
        if offset <= earliest[block]:
            return True
        self._trail.append((earliest, block, earliest[block]))
        earliest[block] = offset
        if offset > self._latest[block]:
            return self._failed(block)
        self._touch(block)
        loose.append(block)
        for other, _, _ in domain.rivals[block]:
            if witness[other] == block:
                loose.append(other)
        return True

    def _settle(self) -> bool:
        """Raise the blocks that may have lost their support, until each has one that may be."""
        loose = self._loose
        patience = len(self._offsets)
        while loose:
            block = loose.pop()
            if self._offsets[block] >= 0:
                continue
            if self._ordered and not self._follow(block):
                return False
            if self._is_supported(block):
                self._witness[block] = -1
                continue
            earliest = self._earliest[block]
            first = self._next_support(block, earliest)
            if first > earliest:
                if not self._raise(block, first):
                    return False
                patience -= 1
                if not patience and not self._settle_all():
                    return False
        return True

    def _settle_all(self) -> bool:
        """As `_settle` for all blocks at once: blocks without support must not hold up each other in small steps.

        Goes from the supported blocks upwards, the lowest first, as Dijkstra's shortest paths; a block is looked at again
        where a gap let it come lower.
        """
        domain, earliest, base = self.domain, self._earliest, self._base
        lowest = [NEVER] * len(earliest)
        heap = []
        for block, offset in enumerate(self._offsets):
            if offset < 0:
                given = [at for at in (base[block], *domain.supports[block]) if at >= earliest[block]]
                if given:
                    lowest[block] = min(given)
                    heap.append((lowest[block], block))
        heapify(heap)
        while heap:
            at, block = heappop(heap)
            self.steps += 1
            if at > lowest[block]:
                continue
            for other, _, before in domain.rivals[block]:
                if self._offsets[other] < 0 and lowest[other] > max(earliest[other], at + before):
                    lowest[other] = max(earliest[other], at + before)
                    heappush(heap, (lowest[other], other))
        for block, at in enumerate(lowest):
            if self._offsets[block] < 0 and at > earliest[block] and not self._raise(block, at):
                return False
        return True

    def _is_supported(self, block: int) -> bool:
        """Whether something placed or given supports the block where it is."""
        earliest = self._earliest[block]
        return earliest == self._base[block] or earliest in self.domain.supports[block]

    def _next_support(self, block: int, offset: int) -> int:
        """The first offset from `offset` on where anything may support the block; notes which unplaced rival may."""
        earliest, offsets = self._earliest, self._offsets
        best, who = NEVER, -1
        for other, after, _ in self.domain.rivals[block]:
            if offsets[other] < 0:
                end = earliest[other] + after
                if end < best:
                    best, who = end, other
                    if end <= offset:
                        best = offset
                        break
        self._witness[block] = who
        for support in (self._base[block], *self.domain.supports[block]):
            if offset <= support < best:
                best = support
        return best

    def _touch(self, block: int) -> None:
        dirty, queue = self._dirty, self._queue
        for part in self.domain.parts[block]:
            if not dirty[part]:
                dirty[part] = True
                queue.append(part)

    def _failed(self, block: int) -> bool:
        self._failures[self.domain.parts[block][0]] += 1
        return False

    def _propagate(self) -> bool:
        queue, dirty, loose = self._queue, self._dirty, self._loose
        while queue or loose:
            if loose and not self._settle():
                return False
            if queue:
                part = queue.pop()
                dirty[part] = False
                if not self._check(part):
                    self._failures[part] += 1
                    return False
        return True

    def _check(self, part: int) -> bool:
        """Whether the unplaced blocks of a step have room; raises those that cannot be the lowest."""
        blocks = self._unplaced[part]
        if not blocks:
            return True
        starts = [*map(self._earliest.__getitem__, blocks)]
        highest = self.domain.capacities[part] - self._totals[part]
        floor = min(starts)
        count = len(blocks)
        self.steps += 2 + count // 4
        if max(starts) > highest:
            self.steps += count
            narrow = self._narrow(part, blocks, highest)
            if narrow is None:
                return False
            count = narrow
        record = (count, highest - floor, floor)
        if record != self._record[part]:
            self._trail.append((self._record, part, self._record[part]))
            self._record[part] = record
        return True

    def _narrow(self, part: int, blocks: Sequence[int], highest: int) -> int | None:
        """The number of blocks that may be the lowest of a step, the others raised above one of these; None without room.

        `highest` is the highest offset at which there is room for all of the blocks.
        """
        domain, earliest, weights = self.domain, self._earliest, self.domain.weights
        end = 0
        for start, block in sorted([(earliest[block], block) for block in blocks]):
            if start > end:
                end = start
            end += weights[block]
        if end > domain.capacities[part]:
            return None
        wide = [block for block in blocks if earliest[block] > highest and domain.plain[block]]
        if wide:
            # The lowest block of the step is none of these, and they are above all of it.
            ends = [
                earliest[block] + domain.sizes[block]
                for block in blocks
                if earliest[block] <= highest or not domain.plain[block]
            ]
            if not ends:
                return None
            lowest = min(ends)
            for block in wide:
                if earliest[block] < lowest and not self._raise(block, lowest):
                    return None
        return len(blocks) - len(wide)

    def _undo(self, mark: int) -> None:
        for part in self._queue:
            self._dirty[part] = False
        self._queue.clear()
        self._loose.clear()
        trail, offsets = self._trail, self._offsets
        while len(trail) > mark:
            values, index, old = trail.pop()
            if values is None:
                self._ordered.discard((index, old))
                continue
            values[index] = old
            if values is offsets:
                self._left += 1

    def _lower(self, block: int, offset: int) -> bool:
        """Lower the latest offset of an unplaced block."""
        if offset < self._latest[block]:
            self._trail.append((self._latest, block, self._latest[block]))
            self._latest[block] = offset
        return self._earliest[block] <= self._latest[block] or self._failed(block)

    def _follow(self, a: int) -> bool:
        """Raise what is ordered after a block."""
        for b, _, before in self.domain.rivals[a]:
            if (a, b) in self._ordered and self._offsets[b] < 0:
                end = self._earliest[a] + before
                if self._earliest[b] < end and not self._raise(b, end):
                    return False
        return True
