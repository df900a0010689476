# SPDX-License-Identifier: Apache-2.0
"""An arena while groups of tensors come and go: where each of them lies, and whether there is room for one more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sconnx.memory.blocks import Group
from sconnx.memory.placement.place import place
from sconnx.memory.placement.problem import Block, Gap, Problem

Pairs = Mapping[tuple[int, int], Gap]
"""The rules between groups that are not simply disjoint, by their positions, the lower one first."""
UNLIMITED = 1 << 62
_Ints = NDArray[np.int64]
_NOWHERE = -1


class Room:
    """Groups, by their positions, at offsets in bytes. A limit is where the highest of them may end.

    Attributes:
        offsets: of the groups that are in it.
        rules: the number of groups in it and of pairs of them that are alive at one step.
    """

    def __init__(self, groups: Sequence[Group], pairs: Pairs) -> None:
        self._groups, self._pairs = groups, pairs
        self._first: _Ints = np.array([group.first for group in groups], np.int64)
        self._last: _Ints = np.array([group.last for group in groups], np.int64)
        self._size: _Ints = np.array([group.size_bytes for group in groups], np.int64)
        self._offset: _Ints = np.full(len(groups), _NOWHERE, np.int64)
        # What the groups of each step cover at least.
        self._load: _Ints = np.zeros(max((group.last for group in groups), default=0), np.int64)
        self._counted: dict[int, int] = {}
        self._partners: dict[int, list[int]] = {}
        for a, b in pairs:
            self._partners.setdefault(a, []).append(b)
            self._partners.setdefault(b, []).append(a)
        self.offsets: dict[int, int] = {}
        self.rules = 0

    @property
    def peak_bytes(self) -> int:
        """The highest end of a group."""
        return int(np.max(self._offset + self._size, where=self._offset != _NOWHERE, initial=0))

    def rivals(self, index: int) -> list[int]:
        """The groups in it that are alive together with a group, which may be in it as well."""
        together = (self._first < self._last[index]) & (self._last > self._first[index]) & (self._offset != _NOWHERE)
        together[index] = False
        found: list[int] = np.flatnonzero(together).tolist()
        return found

    def is_full_for(self, index: int, limit_bytes: int) -> bool:
        """True only where no placement at all has room for one group more."""
        group = self._groups[index]
        return int(self._load[group.first : group.last].max()) + self._covers(index) > limit_bytes

    def _covers(self, index: int) -> int:
        """What a group covers besides those that are there, at least: it may lie inside of each that it has a gap with.

        The union of some blocks is at least the sum of their sizes without the largest overlap of each pair (Bonferroni's
        inequality); where that is negative, the group is left out.
        """
        size = self._groups[index].size_bytes
        shared = sum(min(size, self._groups[other].size_bytes) for other in self._partners_of(index))
        return max(0, size - shared)

    def _partners_of(self, index: int) -> list[int]:
        return [other for other in self._partners.get(index, ()) if other in self.offsets]

    def put(self, index: int, offset: int) -> None:
        """Add a group at a place that is known to be free."""
        group = self._groups[index]
        self._counted[index] = self._covers(index)
        self._load[group.first : group.last] += self._counted[index]
        self.rules += 1 + len(self.rivals(index))
        self.offsets[index] = offset
        self._offset[index] = offset

    def remove(self, index: int) -> int:
        """Take a group out; its offset."""
        group = self._groups[index]
        self._load[group.first : group.last] -= self._counted.pop(index)
        self._offset[index] = _NOWHERE
        self.rules -= 1 + len(self.rivals(index))
        return self.offsets.pop(index)

    def add(self, index: int, limit_bytes: int) -> bool:
        """Add a group at the lowest place that is free while all others stay where they are; False: there is none."""
        if self.is_full_for(index, limit_bytes):
            return False
        offset = self._lowest(index)
        if offset + self._groups[index].size_bytes > limit_bytes:
            return False
        self.put(index, offset)
        return True

    def _lowest(self, index: int) -> int:
        rivals = np.array(self.rivals(index), np.int64)
        if not len(rivals):
            return 0
        # The offset is at most `low` or at least `high` of each rival.
        low = self._offset[rivals] - self._size[index]
        high = self._offset[rivals] + self._size[rivals]
        for other in self._partners_of(index):
            at, gap = int(np.searchsorted(rivals, other)), self._gap(other, index)
            is_free = gap.low >= gap.high
            low[at] = _NOWHERE if is_free else self._offset[other] + gap.low
            high[at] = _NOWHERE if is_free else self._offset[other] + gap.high
        order = np.argsort(low, kind="stable")
        alignment_bytes = self._groups[index].alignment_bytes
        aligned = -(-high[order] // alignment_bytes) * alignment_bytes
        ends = np.maximum.accumulate(np.maximum(aligned, 0))
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
        free = np.flatnonzero(starts <= low[order])
        return int(starts[free[0]] if len(free) else ends[-1])

    def _gap(self, other: int, index: int) -> Gap:
        """The rule for the offset of `index` minus that of `other`."""
        if other < index:
            return self._pairs[other, index]
        gap = self._pairs[index, other]
        return Gap(low=-gap.high, high=-gap.low)

    def add_anew(self, index: int, limit_bytes: int) -> bool:
        """Add a group by placing all of them again; False: that found no room either, and nothing has moved."""
        chosen = sorted([*self.offsets, index])
        found = place(self._problem(chosen), "greedy")
        if found.peak_bytes > limit_bytes:
            return False
        self.put(index, 0)
        for position, offset in zip(chosen, found.offsets, strict=True):
            self.offsets[position] = offset
            self._offset[position] = offset
        return True

    def _problem(self, chosen: Sequence[int]) -> Problem:
        rank = {index: position for position, index in enumerate(chosen)}
        groups = [self._groups[index] for index in chosen]
        return Problem(
            blocks=tuple(
                Block(
                    size_bytes=group.size_bytes,
                    alignment_bytes=group.alignment_bytes,
                    first=group.first,
                    last=group.last,
                )
                for group in groups
            ),
            gaps={(rank[a], rank[b]): gap for (a, b), gap in self._pairs.items() if a in rank and b in rank},
        )
