# SPDX-License-Identifier: Apache-2.0
"""Which memory each group of tensors comes into, where the fastest does not hold them all.

Three orders are tried, each group going into the fastest memory that still has room: by traffic per byte, by traffic, and the
largest first, which finds room for most. The result with the least `traffic * access cycles` is then improved: a group moves
to a faster memory that has room for it, or takes the place of one with less traffic there, which goes where there is room.
What this costs is limited by counts, so that the result depends on nothing but the problem.

Groups of models that may run at the same time have an arena each in every memory; these add up, and all compete for the room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sconnx.memory.blocks import Group
from sconnx.memory.room import UNLIMITED, Pairs, Room

MOST_RULES = 100_000
"""How many groups and rules between them are placed again, in each order, in the hope of room for one more: about a second."""
MOST_EXCHANGES = 10_000
"""How many exchanges are tried: about a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a memory has: None is any number of bytes."""

    capacity_bytes: int | None
    access_cycles: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one model gets of one memory.

    Args:
        groups: positions, in ascending order.
        offsets: of each a place in bytes that is within the capacity; None where not all of the groups have one.
    """

    groups: tuple[int, ...]
    offsets: tuple[int, ...] | None


@dataclass(slots=True)
class _State:
    """Who is in which memory.

    Args:
        rooms: of each model, one in each memory.
        left: groups without a place, with the memory that lacks it.
    """

    groups: Sequence[Group]
    offers: Sequence[Offer]
    owners: Sequence[int]
    rooms: Sequence[Sequence[Room]]
    where: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[int, int]:
        """What the best state has the least of: bytes without a place, then the cost of all accesses."""
        missing = sum(self.groups[index].size_bytes for index in self.left)
        return missing, sum(self.cost(index, number) for index, number in self.where.items())

    def cost(self, index: int, number: int) -> int:
        """What the accesses to a group cost in a memory."""
        return self.groups[index].traffic_bytes * self.offers[number].access_cycles

    def room(self, index: int, number: int) -> Room:
        """Where a group is, or would be, in a memory."""
        return self.rooms[self.owners[index]][number]

    def limit(self, index: int, number: int) -> int:
        """What the other models leave of a memory."""
        capacity, own = self.offers[number].capacity_bytes, self.owners[index]
        if capacity is None:
            return UNLIMITED
        return capacity - sum(rooms[number].peak_bytes for owner, rooms in enumerate(self.rooms) if owner != own)

    def add(self, index: int, number: int) -> bool:
        """Add a group to a memory if there is room beside those that are there."""
        if not self.room(index, number).add(index, self.limit(index, number)):
            return False
        self.where[index] = number
        return True


def spread(
    groups: Sequence[Group],
    pairs: Pairs,
    offers: Sequence[Offer],
    pinned: Mapping[int, int],
    owners: Sequence[int],
) -> list[list[Share]]:
    """Of each model the share of each memory.

    Args:
        pairs: the rules between groups that are not simply disjoint, by their positions.
        offers: of the memories, from the fastest to the slowest; what fits nowhere is in the last share.
        pinned: the memories of groups that the user chose, by position.
        owners: the model that each group belongs to, counted from 0.
    """
    models = range(max(owners, default=0) + 1)

    def filled(key: Callable[[Group], tuple[float, ...]]) -> _State:
        rooms = [[Room(groups, pairs) for _ in offers] for _ in models]
        state = _State(groups, offers, owners, rooms)
        order = sorted(range(len(groups)), key=lambda index: (index not in pinned, *key(groups[index]), index))
        _fill(state, order, pinned)
        return state

    best = min((filled(key) for key in _ORDERS), key=lambda state: state.rank)
    _improve(best, pinned)
    return [[_share(best, model, number) for number in range(len(offers))] for model in models]


_ORDERS: tuple[Callable[[Group], tuple[float, ...]], ...] = (
    lambda group: (-group.heat, -group.traffic_bytes),
    lambda group: (-group.traffic_bytes, group.size_bytes),
    lambda group: (-group.size_bytes, group.first - group.last),
)


def _share(state: _State, model: int, number: int) -> Share:
    offsets = state.rooms[model][number].offsets
    without = [index for index, lacking in state.left.items() if lacking == number and state.owners[index] == model]
    inside = tuple(sorted([*offsets, *without]))
    return Share(inside, None if without else tuple(offsets[index] for index in inside))


def _fill(state: _State, order: Iterable[int], pinned: Mapping[int, int]) -> None:
    """Each group into the first memory with room for it."""
    rules_left = MOST_RULES
    last = len(state.offers) - 1
    for index in order:
        for number in [pinned[index]] if index in pinned else range(last + 1):
            room, limit = state.room(index, number), state.limit(index, number)
            if state.add(index, number):
                break
            if room.rules < rules_left and not room.is_full_for(index, limit):
                rules_left -= room.rules + 1
                if room.add_anew(index, limit):
                    state.where[index] = number
                    break
        else:
            state.left[index] = pinned.get(index, last)


def _improve(state: _State, pinned: Mapping[int, int]) -> None:
    """Move groups to faster memories until no move is left that lowers the cost."""
    tries_left = MOST_EXCHANGES
    movable = sorted(
        (index for index in state.where if index not in pinned),
        key=lambda index: (-state.groups[index].traffic_bytes, index),
    )
    changed = True
    while changed:
        changed = False
        for index in movable:
            while (moved := _promote(state, index, pinned, tries_left))[1]:
                tries_left -= moved[0]
                changed = True
            tries_left -= moved[0]


def _promote(state: _State, index: int, pinned: Mapping[int, int], tries: int) -> tuple[int, bool]:
    """Move a group to a faster memory if that is a gain; how many exchanges were tried, and whether it moved."""
    tried, source = 0, state.where[index]
    for target in range(source):
        gain = state.cost(index, source) - state.cost(index, target)
        if gain <= 0:
            continue
        if state.add(index, target):
            state.room(index, source).remove(index)
            return tried, True
        rivals = [other for other in state.room(index, target).rivals(index) if other not in pinned]
        for other in sorted(rivals, key=lambda other: (state.groups[other].traffic_bytes, other)):
            if state.groups[other].traffic_bytes >= state.groups[index].traffic_bytes or tried >= tries:
                break
            tried += 1
            if _exchange(state, index, other, gain):
                return tried, True
    return tried, False


def _exchange(state: _State, index: int, other: int, gain: int) -> bool:
    """Move a group to the memory of another one of its model, and that one to where it costs less than the gain and has room."""
    source, target = state.where[index], state.where[other]
    rooms = state.rooms[state.owners[index]]
    other_offset = rooms[target].remove(other)
    if state.add(index, target):
        index_offset = rooms[source].remove(index)
        for number in range(len(rooms)):
            loss = state.cost(other, number) - state.cost(other, target)
            if number != target and loss < gain and state.add(other, number):
                return True
        rooms[source].put(index, index_offset)
        state.where[index] = source
        rooms[target].remove(index)
    rooms[target].put(other, other_offset)
    return False
