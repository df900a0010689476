# SPDX-License-Identifier: Apache-2.0
"""Which memory groups come into: rules and limits held, hot ones in fast memories, and how near that is to the best."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.memory import spread as module
from sconnx.memory.blocks import Group
from sconnx.memory.placement.problem import Gap
from sconnx.memory.room import Pairs, Room
from sconnx.memory.spread import Offer, Share, spread

thorough = settings(max_examples=200, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Case:
    groups: list[Group]
    pairs: Pairs
    offers: list[Offer]
    pinned: dict[int, int]
    owners: list[int]

    def spread(self) -> list[list[Share]]:
        return spread(self.groups, self.pairs, self.offers, self.pinned, self.owners)


def group(root: int, words: int, first: int, steps: int, traffic_bytes: int, alignment_bytes: int = 4) -> Group:
    return Group(
        root=root,
        inner_offsets={root: 0},
        size_bytes=4 * words,
        alignment_bytes=alignment_bytes,
        first=first,
        last=first + steps,
        traffic_bytes=traffic_bytes,
        first_written=True,
        label=f"tensor {root}",
    )


@st.composite
def cases(
    draw: st.DrawFn, *, most_models: int = 1, gaps: bool = True, last_is_unlimited: bool = False, mixed: bool = False
) -> Case:
    count = draw(st.integers(0, 9))
    alignments = st.sampled_from((4, 8) if mixed else (4,))
    numbers = st.tuples(st.integers(1, 9), st.integers(0, 6), st.integers(1, 4), st.integers(0, 300), alignments)
    groups = [group(root, *draw(numbers)) for root in range(count)]
    owners = [draw(st.integers(0, most_models - 1)) for _ in groups]
    alive = [
        (a, b)
        for a, b in itertools.combinations(range(count), 2)
        if groups[a].first < groups[b].last and groups[b].first < groups[a].last and owners[a] == owners[b]
    ]
    pairs = {}
    for a, b in alive if gaps else []:
        if draw(st.integers(0, 3)) == 0:
            low, high = draw(st.integers(-groups[b].size_bytes, 0)), draw(st.integers(0, groups[a].size_bytes))
            pairs[a, b] = Gap(low=low, high=high)
    cycles = sorted(draw(st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True)))
    offers = [Offer(capacity_bytes=4 * draw(st.integers(0, 30)), access_cycles=cycle) for cycle in cycles]
    if last_is_unlimited:
        offers[-1] = Offer(capacity_bytes=None, access_cycles=cycles[-1])
    pinned = {index: draw(st.integers(0, len(offers) - 1)) for index in range(count) if draw(st.integers(0, 5)) == 0}
    return Case(groups, pairs, offers, pinned, owners)


def where(shares: Sequence[Sequence[Share]]) -> dict[int, int]:
    """The memory of each group."""
    return {index: number for of_model in shares for number, share in enumerate(of_model) for index in share.groups}


def allowed(case: Case, a: int, b: int, distance_bytes: int) -> bool:
    """Whether two groups may lie so."""
    one, other = case.groups[a], case.groups[b]
    if one.first >= other.last or other.first >= one.last:
        return True
    gap = case.pairs.get((a, b), Gap(low=-other.size_bytes, high=one.size_bytes))
    return distance_bytes <= gap.low or distance_bytes >= gap.high


@thorough
@given(cases(most_models=2, mixed=True))
def test_every_group_has_one_place_that_keeps_all_rules(case: Case) -> None:
    shares = case.spread()
    placed = [index for of_model in shares for share in of_model for index in share.groups]
    assert sorted(placed) == list(range(len(case.groups)))
    assert all(where(shares)[index] == number for index, number in case.pinned.items())
    for model, of_model in enumerate(shares):
        for share in of_model:
            assert list(share.groups) == sorted(share.groups)
            assert all(case.owners[index] == model for index in share.groups)
            places = list(zip(share.groups, share.offsets or (), strict=share.offsets is not None))
            assert all(offset >= 0 and offset % case.groups[index].alignment_bytes == 0 for index, offset in places)
            for (a, start), (b, other) in itertools.combinations(places, 2):
                assert allowed(case, a, b, other - start)
    for number, offer in enumerate(case.offers):
        there = [of_model[number] for of_model in shares]
        if offer.capacity_bytes is not None and all(share.offsets is not None for share in there):
            assert sum(map(peak, [case] * len(there), there)) <= offer.capacity_bytes


def peak(case: Case, share: Share) -> int:
    ends = (
        offset + case.groups[index].size_bytes for index, offset in zip(share.groups, share.offsets or (), strict=True)
    )
    return max(ends, default=0)


@thorough
@given(cases(gaps=False, last_is_unlimited=True))
def test_no_group_with_less_traffic_is_in_the_way(case: Case) -> None:
    """Where the other memory holds anything: of two groups, one of which could take the place of the other, the one with
    more traffic, which is also the hotter one, is not in the slower memory."""
    places, last = where(case.spread()), len(case.offers) - 1
    for index, other in itertools.permutations(range(len(case.groups)), 2):
        one, two = case.groups[index], case.groups[other]
        could_take_its_place = one.size_bytes <= two.size_bytes and two.first <= one.first and one.last <= two.last
        if could_take_its_place and one.traffic_bytes > two.traffic_bytes and not {index, other} & set(case.pinned):
            assert one.heat > two.heat
            assert places[index] < last or places[other] == last


@thorough
@given(cases(gaps=False, last_is_unlimited=True))
def test_what_lies_in_a_slower_memory_has_no_room_in_a_faster_one(case: Case) -> None:
    shares = case.spread()
    for index, number in where(shares).items():
        for faster in range(number if index not in case.pinned else 0):
            share = shares[0][faster]
            if case.groups[index].traffic_bytes and share.offsets is not None:
                capacity = case.offers[faster].capacity_bytes or 0
                places = dict(zip(share.groups, share.offsets, strict=True))
                fitting = range(0, capacity - case.groups[index].size_bytes + 1, 4)
                assert not any(fits(case, index, offset, places) for offset in fitting)


def fits(case: Case, index: int, offset: int, places: Mapping[int, int]) -> bool:
    return all(
        allowed(case, min(index, other), max(index, other), (at - offset) * (1 if index < other else -1))
        for other, at in places.items()
    )


@thorough
@given(cases(most_models=2), st.randoms(use_true_random=False))
def test_the_result_is_the_same_each_time(case: Case, shuffle: random.Random) -> None:
    again = list(case.pairs.items())
    shuffle.shuffle(again)
    other = Case(case.groups, dict(again), case.offers, dict(reversed(case.pinned.items())), case.owners)
    assert other.spread() == case.spread()


def cost(case: Case, places: Mapping[int, int]) -> int:
    return sum(case.groups[index].traffic_bytes * case.offers[number].access_cycles for index, number in places.items())


def best_cost(case: Case) -> int | None:
    """The least cost of all distributions whose groups fit by their sums, which bounds all that can be placed."""
    best = None
    for numbers in itertools.product(range(len(case.offers)), repeat=len(case.groups)):
        loads = [[0] * 11 for _ in case.offers]
        for found, number in zip(case.groups, numbers, strict=True):
            for step in range(found.first, found.last):
                loads[number][step] += found.size_bytes
        limits = [offer.capacity_bytes for offer in case.offers]
        if all(limit is None or max(load) <= limit for load, limit in zip(loads, limits, strict=True)):
            total = cost(case, dict(enumerate(numbers)))
            best = total if best is None else min(best, total)
    return best


def test_most_are_as_good_as_possible() -> None:
    """Of 100 random cases, against a bound by trying all distributions."""
    draw = random.Random(7)
    optimal, fitting, ratios = 0, 0, []
    for _ in range(100):
        groups = [
            group(root, draw.randint(1, 9), draw.randint(0, 6), draw.randint(1, 4), draw.randint(1, 300))
            for root in range(8)
        ]
        offers = [Offer(capacity_bytes=40, access_cycles=1), Offer(capacity_bytes=60, access_cycles=3)]
        case = Case(groups, {}, offers, {}, [0] * 8)
        best = best_cost(case)
        shares = case.spread()
        if best is None:
            assert any(share.offsets is None for share in shares[0])
        else:
            fitting += all(share.offsets is not None for share in shares[0])
            ratios.append(cost(case, where(shares)) / best)
            optimal += ratios[-1] == 1
    assert len(ratios) > 50
    assert fitting >= 0.9 * len(ratios)
    assert optimal >= 0.75 * len(ratios)
    assert sum(ratios) / len(ratios) < 1.02


def test_large_groups_find_room_where_hot_ones_would_be_in_their_way() -> None:
    """By heat, the small groups come into the fast memory, and what is left of it is too small for one of the large."""
    small = [group(0, 10, 0, 1, 9000), group(1, 10, 0, 1, 8000)]
    large = [group(2, 50, 0, 1, 2), group(3, 60, 0, 1, 1)]
    offers = [Offer(capacity_bytes=240, access_cycles=1), Offer(capacity_bytes=280, access_cycles=2)]
    (shares,) = Case([*small, *large], {}, offers, {}, [0] * 4).spread()
    assert [share.groups for share in shares] == [(3,), (0, 1, 2)]
    assert all(share.offsets is not None for share in shares)


def test_a_small_hot_group_does_not_keep_out_a_large_one_with_more_traffic() -> None:
    groups = [group(0, 2, 0, 1, 80), group(1, 10, 0, 1, 390)]
    offers = [Offer(capacity_bytes=40, access_cycles=1), Offer(capacity_bytes=None, access_cycles=5)]
    (shares,) = Case(groups, {}, offers, {}, [0, 0]).spread()
    assert groups[0].heat > groups[1].heat
    assert [share.groups for share in shares] == [(1,), (0,)]


def test_what_fits_nowhere_is_in_the_last_share_and_what_is_pinned_in_its_own() -> None:
    groups = [group(0, 20, 0, 1, 1), group(1, 20, 0, 1, 1), group(2, 20, 0, 1, 1)]
    offers = [Offer(capacity_bytes=40, access_cycles=1), Offer(capacity_bytes=100, access_cycles=2)]
    (shares,) = Case(groups, {}, offers, {1: 0}, [0] * 3).spread()
    assert shares == [Share((1,), None), Share((0, 2), None)]


def test_models_share_a_memory_by_their_peaks() -> None:
    """Two models with two groups each, never alive together within a model: each needs one place of 40 bytes."""
    groups = [group(root, 10, step, 1, 100) for root, step in ((0, 0), (1, 1), (2, 0), (3, 1))]
    owners = [0, 0, 1, 1]
    for capacity, fast in ((80, {0, 1, 2, 3}), (79, {0, 1}), (39, set())):
        offers = [Offer(capacity_bytes=capacity, access_cycles=1), Offer(capacity_bytes=None, access_cycles=2)]
        places = where(Case(groups, {}, offers, {}, owners).spread())
        assert {index for index, number in places.items() if number == 0} == fast


def test_the_limits_of_effort_bound_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any, each group is tried once where it is free; no more is placed anew, and nothing is exchanged."""
    anew: list[int] = []

    def add_anew(room: Room, index: int, limit_bytes: int) -> bool:
        anew.append(index)
        return False

    monkeypatch.setattr(Room, "add_anew", add_anew)
    monkeypatch.setattr(module, "MOST_RULES", 0)
    monkeypatch.setattr(module, "MOST_EXCHANGES", 0)
    draw = random.Random(3)
    groups = [group(root, draw.randint(1, 9), root, draw.randint(1, 4), draw.randint(1, 300)) for root in range(200)]
    offers = [Offer(capacity_bytes=40, access_cycles=1), Offer(capacity_bytes=None, access_cycles=3)]
    (shares,) = Case(groups, {}, offers, {}, [0] * 200).spread()
    assert anew == []
    assert sum(len(share.groups) for share in shares) == 200
