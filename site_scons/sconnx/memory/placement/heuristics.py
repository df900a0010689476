# SPDX-License-Identifier: Apache-2.0
"""Fast placements: blocks are placed one by one in some order, each at the tightest or the lowest place that is free.

The hill climbing follows USMP's of TVM (its idea, not its code): swap a block that makes the peak with one that was placed
before it and is in its way, keep the swap where the peak is not higher, and rarely where it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sconnx.memory.placement.cells import Cells

_SEED = 20240229
_UPHILL = 0.02
"""How often the hill climbing accepts a higher peak."""
_FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Found:
    """Offsets in cells, their peak and how they were found."""

    offsets: tuple[int, ...]
    peak_bytes: int
    method: str


def place_in_order(
    cells: Cells, order: Sequence[int], tightest: bool, placed: Mapping[int, int] | None = None
) -> list[int]:
    """Offsets of the blocks, placed in the given order; fixed blocks come first, wherever they are in the order.

    Args:
        tightest: take the free range with the least room to spare, else the lowest one.
        placed: offsets of blocks that come first as well.
    """
    offsets = [-1] * len(cells.sizes)
    for block, offset in (*cells.fixed.items(), *(placed or {}).items()):
        offsets[block] = offset
    for block in order:
        if offsets[block] >= 0:
            continue
        taken = [
            (offsets[other] + low, offsets[other] + high)
            for other, low, high in cells.rivals[block]
            if offsets[other] >= 0
        ]
        taken.sort()
        grain = cells.grains[block]
        free = best = 0
        room = _FOREVER
        for low, high in taken:
            # The offset may be low or high, but nothing between them.
            if low - free < room and low >= free:
                best, room = free, low - free
                if not tightest:
                    break
            if high > free:
                free = high if grain == 1 else -(-high // grain) * grain
        offsets[block] = free if room == _FOREVER else best
    return offsets


def _conflicting(cells: Cells, block: int) -> int:
    """The sizes of all blocks that a block has a rule with."""
    return sum(cells.sizes[other] for other, _, _ in cells.rivals[block])


_Key = Callable[[Cells, int], tuple[int, ...]]
_ORDERS: dict[str, _Key] = {
    "size": lambda c, b: (-c.sizes[b], c.first[b], b),
    "area": lambda c, b: (-c.sizes[b] * (c.last[b] - c.first[b]), c.first[b], b),
    "lifetime": lambda c, b: (c.first[b] - c.last[b], -c.sizes[b], b),
    "birth": lambda c, b: (c.first[b], -c.sizes[b], b),
    "conflicts": lambda c, b: (-_conflicting(c, b), -c.sizes[b], b),
}


def orders(cells: Cells) -> dict[str, list[int]]:
    """The orders that are tried, by name."""
    return {name: sorted(range(len(cells.sizes)), key=partial(key, cells)) for name, key in _ORDERS.items()}


def greedy(cells: Cells, enough_bytes: int) -> Found:
    """The lowest of all orders with both fits; ends at the first whose peak is not above `enough_bytes`."""
    best: Found | None = None
    for name, order in orders(cells).items():
        for fit, tightest in (("best", True), ("lowest", False)):
            offsets = place_in_order(cells, order, tightest)
            peak = cells.peak_bytes(offsets)
            if best is None or peak < best.peak_bytes:
                best = Found(tuple(offsets), peak, f"greedy, {fit} fit by {name}")
            if best.peak_bytes <= enough_bytes:
                return best
    assert best is not None
    return best


def pass_cost(cells: Cells) -> int:
    """What placing all blocks in one order costs, in steps of the search, of which one takes about a microsecond."""
    return 1 + 2 * len(cells.sizes) + sum(map(len, cells.rivals)) // 2


def climb(cells: Cells, enough_bytes: int, steps: int) -> tuple[Found, int]:
    """The best order that hill climbing finds for so many steps, and the steps that it took.

    Starts from the best of the fixed orders and goes on until the peak is not above `enough_bytes`.
    """
    draw = random.Random(_SEED).random
    cost = pass_cost(cells)
    starts = []
    for order in orders(cells).values():
        for tightest in (True, False):
            offsets = place_in_order(cells, order, tightest)
            starts.append((cells.peak_bytes(offsets), offsets, order, tightest))
    spent = cost * len(starts)
    peak, offsets, order, tightest = min(starts, key=lambda start: start[0])
    best = Found(tuple(offsets), peak, "hill climbing")
    while best.peak_bytes > enough_bytes and spent + cost <= steps:
        spent += cost
        swapped = _swap(cells, order, offsets, draw)
        if swapped is None:
            break
        tried = place_in_order(cells, swapped, tightest)
        tried_peak = cells.peak_bytes(tried)
        if tried_peak <= peak or draw() < _UPHILL:
            peak, offsets, order = tried_peak, tried, swapped
        if peak < best.peak_bytes:
            best = Found(tuple(offsets), peak, "hill climbing")
    return best, spent


def _swap(cells: Cells, order: Sequence[int], offsets: Sequence[int], draw: Callable[[], float]) -> list[int] | None:
    """The order with a block that makes the peak and one of its rivals, placed before it, swapped; None without such."""
    place = {block: index for index, block in enumerate(order)}
    ends = [
        (offsets[block] + cells.sizes[block]) * cells.cell_bytes - cells.unused_bytes[block]
        for block in range(len(order))
    ]
    peak = max(ends)
    candidates = [
        (block, other)
        for block in order
        if ends[block] == peak and block not in cells.fixed
        for other, _, _ in cells.rivals[block]
        if place[other] < place[block] and other not in cells.fixed
    ]
    if not candidates:
        return None
    block, other = candidates[int(draw() * len(candidates))]
    # Half of the time one level further down: what is under the block may be held up by something else.
    below = [under for under, _, _ in cells.rivals[other] if place[under] < place[other] and under not in cells.fixed]
    if below and draw() < 0.5:
        block, other = other, below[int(draw() * len(below))]
    swapped = list(order)
    swapped[place[block]], swapped[place[other]] = other, block
    return swapped
