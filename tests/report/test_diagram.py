# SPDX-License-Identifier: Apache-2.0
"""The graph of a model: where its boxes and lines are, and what they say."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from sconnx.graph.operator import Add, MaxPooling2D, Relu
from sconnx.report.diagram import diagram_svg
from sconnx.report.layer_figures import LayerFigures
from sconnx.report.layout import Layout, layered
from tests.tiny_models import Chain, lowered_of

WIDTH, BEND, GAP = 100.0, 8.0, 20.0
SVG = "{http://www.w3.org/2000/svg}"

graphs = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30).map(
            lambda pairs: [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
        ),
    )
)


def laid_out(count: int, edges: list[tuple[int, int]]) -> Layout:
    return layered(count, edges, WIDTH, BEND, GAP)


def ends_of(layout: Layout, source: int) -> set[int]:
    """The vertices that the line from a vertex arrives at, followed from piece to piece."""
    pieces = [link for link in layout.links if link.source == source]
    at = {(layout.layers[source], layout.centres[source])}
    found = set()
    for link in pieces:
        assert (link.layer, link.start) in at, "a piece that hangs on nothing"
        if link.target is None:
            at.add((link.layer + 1, link.end))
        else:
            assert (link.layer + 1, link.end) == (layout.layers[link.target], layout.centres[link.target])
            found.add(link.target)
    return found


@given(graphs)
def test_every_edge_leads_down_and_nothing_lies_on_another(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    layout = laid_out(count, edges)
    assert layout == laid_out(count, edges[::-1])
    assert all(layout.layers[source] < layout.layers[target] for source, target in edges)
    for vertex in range(count):
        assert ends_of(layout, vertex) == {target for source, target in edges if source == vertex}
    places: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for layer, centre in zip(layout.layers, layout.centres, strict=True):
        places[layer].append((centre, WIDTH))
    for layer, end in {(link.layer + 1, link.end) for link in layout.links if link.target is None}:
        places[layer].append((end, BEND))
    for row in places.values():
        for (left, width), (right, other) in itertools.pairwise(sorted(row)):
            assert right - left >= (width + other) / 2 + GAP - 1e-6
    spans = [(place - width / 2, place + width / 2) for row in places.values() for place, width in row]
    assert abs(min(spans)[0]) < 1e-6 and abs(max(end for _, end in spans) - layout.width) < 1e-6


def test_a_chain_with_skips_is_straight_and_its_skips_beside_it() -> None:
    layout = laid_out(6, [(i, i + 1) for i in range(5)] + [(0, 3), (3, 5)])
    assert layout.layers == (0, 1, 2, 3, 4, 5)
    assert {round(centre, 3) for centre in layout.centres} == {50.0}
    assert round(layout.width, 3) == WIDTH + GAP + BEND
    assert {round(link.end, 3) for link in layout.links if link.target is None} == {WIDTH + GAP + BEND / 2}


def test_branches_do_not_cross_where_they_need_not() -> None:
    """0 leads to 1 and 2, these to 4 and 3: in this order the lines would cross."""
    layout = laid_out(6, [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 5)])
    assert (layout.centres[1] < layout.centres[2]) == (layout.centres[4] < layout.centres[3])


def test_what_nothing_leads_to_is_near_what_needs_it() -> None:
    assert laid_out(4, [(0, 1), (1, 3), (2, 3)]).layers == (0, 1, 1, 2)


def figures(node: int, operator: str, name: str, **more: object) -> LayerFigures:
    known = {"macs": 0, "instructions": None, "cycles": None, "ram_bytes": None, "flash_bytes": 8, "shared_bytes": 0}
    words = {"node": node, "operator": operator, "name": name, "implementation": "k", "step": node, "streams": False}
    return LayerFigures(**{**known, **words, **more})  # type: ignore[arg-type]


def test_what_the_boxes_say() -> None:
    chain = Chain("net")
    x = chain.input(1, 8, 8, 4, name="image")
    pooled = chain.node(MaxPooling2D(kernel_dims=(3, 1)), x, name="first", output="a")
    active = chain.node(Relu(), pooled, name="second", output="b")
    lowered = lowered_of(chain.build(chain.node(Add(), active, pooled, name="third", output="c")))
    svg = diagram_svg(
        lowered,
        [
            figures(0, "MaxPooling2D", "first", macs=30, instructions=300, ram_bytes=400, streams=True),
            figures(1, "Relu", "second", macs=10, instructions=100),
            figures(2, "Add", "third", macs=0, instructions=0),
        ],
    )
    picture = ElementTree.fromstring(svg)
    groups = [group for group in picture.iter(f"{SVG}g") if "vertex" in group.get("class", "")]
    texts = [[text.text for text in group.iter(f"{SVG}text")] for group in groups]
    kernels = [choice.kernel for choice in lowered.choices]
    assert texts == [
        ["input", "image", "8x8x4 int8"],
        ["0 MaxPooling2D", "6x8x4", kernels[0], "first"],
        ["1 Relu", "6x8x4", kernels[1], "second"],
        ["2 Add", "6x8x4", kernels[2], "third"],
        ["output", "c", "6x8x4 int8"],
    ]
    title = groups[1].find(f"{SVG}title")
    assert title is not None and title.text == "\n".join(
        [
            "0 MaxPooling2D first",
            f"generic/{kernels[0]}",
            "reads: 1x8x8x4 int8 image",
            "writes: 1x6x8x4 int8 a",
            "30 MACs, 8 bytes of flash for itself",
            "300 instructions",
            "75.0 % of the instructions",
            "step 0, takes turns with others, row by row; 400 bytes of RAM in use",
        ]
    )
    loads = [
        [rect.get("width") for rect in group.iter(f"{SVG}rect") if rect.get("class") == "load"] for group in groups
    ]
    assert loads == [[], ["183"], ["61"], [], []]
    assert [len(list(group.iter(f"{SVG}rect"))) - len(load) for group, load in zip(groups, loads, strict=True)] == [
        *(1, 3, 2, 2, 1)
    ], "only the first one streams"
    wires = [path for path in picture.iter(f"{SVG}path") if path.get("class") == "wire"]
    assert len(wires) == 4, "from the input, from each node"
    assert (
        len(
            re.findall(
                "z", next(path.get("d", "") for path in picture.iter(f"{SVG}path") if path.get("class") == "tip")
            )
        )
        == 5
    )
