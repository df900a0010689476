# SPDX-License-Identifier: Apache-2.0
"""Where the vertices of a directed acyclic graph are drawn: in layers from above, with few lines that cross.

The steps are those of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981:
layers by the longest path, bends where a line passes a layer, an order in each layer by barycentres, then places. The places
are our own: a longest path is the trunk and stands straight, the rest leans on it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

ORDER_ROUNDS, PLACE_ROUNDS = 6, 4
"""Enough for networks: more rounds change nothing in the reference models and in MobileNetV2."""
STRAIGHT, FIXED = 4.0, 1e9
"""How much more than a vertex a bend weighs, so that long lines are straight, and a vertex of the trunk."""


@dataclass(frozen=True, slots=True)
class Link:
    """A piece of the line from the vertex `source`: from the layer `layer` to the next one.

    Args:
        start, end: where it leaves and arrives, in the units of the widths.
        target: the vertex where it ends; None: it passes through the layer.
    """

    source: int
    layer: int
    start: float
    end: float
    target: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing: per vertex its layer, and its centre between 0 and `width`."""

    layers: tuple[int, ...]
    centres: tuple[float, ...]
    links: tuple[Link, ...]
    width: float

    @property
    def layer_count(self) -> int:
        return max(self.layers, default=-1) + 1


def layered(
    vertex_count: int, edges: Iterable[tuple[int, int]], vertex_width: float, bend_width: float, gap: float
) -> Layout:
    """Lay out the vertices 0, 1, ...; an edge leads from a vertex to a later one.

    Lines from one vertex that pass the same layer are one line there.

    Args:
        gap: the least distance between neighbours of a layer.
    """
    unique = sorted(set(edges))
    layers = _layers(vertex_count, unique)
    rows, above = _rows(layers, unique)
    below = _reversed(above)
    for _ in range(ORDER_ROUNDS):
        rows = _ordered(rows, above, below)
    widths = {item: vertex_width if isinstance(item, int) else bend_width for row in rows for item in row}
    neighbours = {item: [*above.get(item, ()), *below.get(item, ())] for item in widths}
    places = _placed(rows, neighbours, widths, _trunk(layers, unique), gap)
    left = min((places[item] - widths[item] / 2 for item in places), default=0.0)
    right = max((places[item] + widths[item] / 2 for item in places), default=0.0)
    links = [
        Link(
            source=upper if isinstance(upper, int) else upper[0],
            layer=layer - 1,
            start=places[upper] - left,
            end=places[item] - left,
            target=item if isinstance(item, int) else None,
        )
        for layer, row in enumerate(rows)
        for item in row
        for upper in above.get(item, ())
    ]
    return Layout(
        layers=layers,
        centres=tuple(places[vertex] - left for vertex in range(vertex_count)),
        links=tuple(sorted(links, key=lambda link: (link.source, link.layer, link.end))),
        width=right - left,
    )


_Item = int | tuple[int, int]
"""A vertex, or a bend: the vertex that its line comes from, and its layer."""
_Neighbours = Mapping[_Item, Sequence[_Item]]


def _layers(vertex_count: int, edges: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """By the longest path from above; what nothing leads to stands just above the first that needs it."""
    layers = [0] * vertex_count
    targets: dict[int, list[int]] = {}
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        layers[target] = max(layers[target], layers[source] + 1)
        targets.setdefault(source, []).append(target)
    reached = {target for _, target in edges}
    for source, found in targets.items():
        if source not in reached:
            layers[source] = min(layers[target] for target in found) - 1
    return tuple(layers)


def _rows(
    layers: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[list[list[_Item]], dict[_Item, list[_Item]]]:
    """The items of each layer, and of each item those above it that lead to it."""
    rows: list[list[_Item]] = [[] for _ in range(max(layers, default=-1) + 1)]
    above: dict[_Item, list[_Item]] = {}
    for vertex, layer in enumerate(layers):
        rows[layer].append(vertex)
    for source, target in edges:
        upper: _Item = source
        for layer in range(layers[source] + 1, layers[target]):
            bend = (source, layer)
            if bend not in above:
                above[bend] = [upper]
                rows[layer].append(bend)
            upper = bend
        above.setdefault(target, []).append(upper)
    return rows, above


def _reversed(above: _Neighbours) -> dict[_Item, list[_Item]]:
    below: dict[_Item, list[_Item]] = {}
    for item, uppers in above.items():
        for upper in uppers:
            below.setdefault(upper, []).append(item)
    return below


def _ordered(rows: list[list[_Item]], above: _Neighbours, below: _Neighbours) -> list[list[_Item]]:
    """Once down and once up, each layer by the mean position of its neighbours; as it was, if that crosses more lines."""
    changed = [list(row) for row in rows]
    for layer in range(1, len(changed)):
        changed[layer] = _by_barycentre(changed[layer], changed[layer - 1], above)
    for layer in range(len(changed) - 2, -1, -1):
        changed[layer] = _by_barycentre(changed[layer], changed[layer + 1], below)
    return changed if _crossings(changed, below) <= _crossings(rows, below) else rows


def _by_barycentre(row: Sequence[_Item], other: Sequence[_Item], neighbours: _Neighbours) -> list[_Item]:
    """What has no neighbour stays where it is, as far as that goes."""
    position = {item: index for index, item in enumerate(other)}
    own = {item: index * max(len(other), 1) / max(len(row), 1) for index, item in enumerate(row)}

    def mean(item: _Item) -> float:
        found = [position[each] for each in neighbours.get(item, ())]
        return sum(found) / len(found) if found else own[item]

    return sorted(row, key=mean)


def _crossings(rows: Sequence[Sequence[_Item]], below: _Neighbours) -> int:
    """How many pairs of lines cross."""
    count = 0
    for row, following in pairwise(rows):
        position = {item: index for index, item in enumerate(following)}
        ends: list[int] = []
        for item in row:
            own = sorted(position[each] for each in below.get(item, ()))
            count += sum(len(ends) - bisect_left(ends, end + 1) for end in own)
            for end in own:
                insort(ends, end)
    return count


def _trunk(layers: Sequence[int], edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The vertices of a longest path: one in each layer of the part of the graph that it is in."""
    before: dict[int, int] = {}
    for source, target in edges:
        if layers[source] == layers[target] - 1:
            before.setdefault(target, source)
    found = set()
    vertex: int | None = max(range(len(layers)), key=lambda each: (layers[each], -each), default=None)
    while vertex is not None:
        found.add(vertex)
        vertex = before.get(vertex)
    return frozenset(found)


def _placed(
    rows: Sequence[Sequence[_Item]],
    neighbours: _Neighbours,
    widths: Mapping[_Item, float],
    trunk: frozenset[int],
    gap: float,
) -> dict[_Item, float]:
    """Centres: those of the trunk at 0, the others as close to the means of their neighbours as the distances allow."""
    places: dict[_Item, float] = dict.fromkeys(widths, 0.0)
    for _ in range(PLACE_ROUNDS):
        for row in (*rows, *rows[::-1]):
            wanted = [
                0.0 if item in trunk else _mean([places[each] for each in neighbours.get(item, ())]) for item in row
            ]
            weights = [FIXED if item in trunk else 1.0 if isinstance(item, int) else STRAIGHT for item in row]
            places |= zip(row, _spread(wanted, weights, [widths[item] for item in row], gap), strict=True)
    return places


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _spread(wanted: Sequence[float], weights: Sequence[float], widths: Sequence[float], gap: float) -> list[float]:
    """The centres with the least weighted squares of distances from those that are wanted, in order and not touching.

    Minus the least distances, that is a regression by an increasing function; pooling adjacent violators solves it (Ayer et al.,
    "An empirical distribution function for sampling with incomplete information", 1955).
    """
    offsets = [0.0]
    for left, right in pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + gap)
    pools: list[tuple[float, float, int]] = []
    for value, offset, own in zip(wanted, offsets, weights, strict=True):
        mean, weight, count = value - offset, own, 1
        while pools and pools[-1][0] >= mean:
            before, before_weight, before_count = pools.pop()
            mean = (mean * weight + before * before_weight) / (weight + before_weight)
            weight, count = weight + before_weight, count + before_count
        pools.append((mean, weight, count))
    bases = [mean for mean, _, count in pools for _ in range(count)]
    return [base + offset for base, offset in zip(bases, offsets, strict=True)]
