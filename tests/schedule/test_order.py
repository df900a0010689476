# SPDX-License-Identifier: Apache-2.0
"""Orders of nodes, against all orders there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sconnx.export.lowered import Lowered
from sconnx.graph.model import Model
from sconnx.graph.operator import Add, Transpose
from sconnx.graph.tensor import Constant
from sconnx.schedule import order
from sconnx.schedule.sharing import find_sharing
from sconnx.schedule.timeline import aligned
from tests.tiny_models import Chain, lowered_of, random_models

TRANSPOSE = Transpose(permutation=(1, 0))


def all_orders(lowered: Lowered, done: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    nodes = lowered.graph.nodes
    if len(done) == len(nodes):
        yield done
    made = {*lowered.graph.inputs, *lowered.graph.constants, *(t for node in done for t in nodes[node].outputs)}
    for node in range(len(nodes)):
        if node not in done and made.issuperset(nodes[node].reads):
            yield from all_orders(lowered, (*done, node))


def peak_bytes(lowered: Lowered, given: tuple[int, ...], kept: frozenset[int]) -> int:
    """The most alive at one node, layer by layer; a new tensor may take the place of a dying one unless its node reads all."""
    graph = lowered.graph
    root_of = {tensor: root for tensor, (root, _) in find_sharing(lowered).root_of.items()}
    steps = [
        ({root_of[t] for t in graph.nodes[n].reads if t in root_of}, {root_of[t] for t in graph.nodes[n].outputs})
        for n in given
    ]
    always = {root_of[tensor] for tensor in kept}
    alive = {root_of[tensor] for tensor in graph.inputs}
    peak = 0

    def size(roots: set[int]) -> int:
        return sum(aligned(graph.tensors[root].size_bytes) for root in roots)

    for position, (reads, writes) in enumerate(steps):
        later = {root for read, written in steps[position + 1 :] for root in read | written}
        born = writes - alive
        dead = {root for root in reads | writes if root not in later | always}
        choice = lowered.choices[given[position]]
        overlap = 0
        if choice.access.kind not in ("whole", "alias"):
            overlap = max((min(size({a}), size({b})) for a in born for b in dead if a != b), default=0)
        peak = max(peak, size(alive | born) + aligned(choice.scratch_bytes) - overlap)
        alive = (alive | born) - dead
    return peak


@settings(max_examples=150, deadline=None, derandomize=True)
@given(model=random_models(most_nodes=6), keeps=st.booleans())
def test_the_lowest_peak_of_all_orders(model: Model, keeps: bool) -> None:
    lowered = lowered_of(model)
    graph = lowered.graph
    # An input that nobody reads is there until the first node runs, whatever the order is: it says nothing here.
    unread = {t for t in graph.inputs if not any(t in node.reads for node in graph.nodes)}
    kept = frozenset(t for t in graph.outputs if not isinstance(graph.tensors[t], Constant))
    kept |= frozenset(graph.inputs) if keeps else frozenset(unread)
    found = order.orders(lowered, find_sharing(lowered), kept)
    assert found[0] == tuple(range(len(graph.nodes)))
    lowest = min(peak_bytes(lowered, given, kept) for given in all_orders(lowered))
    assert peak_bytes(lowered, found[-1], kept) == lowest


def forked(branches: int) -> Lowered:
    """Wide tensors that shrink to one each and are added up; the graph makes all the wide ones first."""
    chain = Chain()
    x = chain.input(2, 8)
    wide = [chain.node(TRANSPOSE, x) for _ in range(branches)]
    thin = [chain.node(Transpose(permutation=(1, 0)), tensor) for tensor in wide]
    total = thin[0]
    for tensor in thin[1:]:
        total = chain.node(Add(), total, tensor)
    return lowered_of(chain.build(total))


def test_a_branch_is_finished_before_the_next_begins() -> None:
    lowered = forked(4)
    given, better = order.orders(lowered, find_sharing(lowered), frozenset(lowered.graph.outputs))
    assert peak_bytes(lowered, better, frozenset(lowered.graph.outputs)) < peak_bytes(
        lowered, given, frozenset(lowered.graph.outputs)
    )
    assert better[:2] in {(k, k + 4) for k in range(4)}


def test_parts_with_too_many_sets_of_nodes_are_searched_by_a_beam() -> None:
    few, many = forked(4), forked(24)
    peaks = []
    for lowered in (few, many):
        kept = frozenset(lowered.graph.outputs)
        found = order.orders(lowered, find_sharing(lowered), kept)
        peaks.append([peak_bytes(lowered, given, kept) for given in found])
    assert peaks[1][0] == peaks[0][0] + 20 * 16
    assert peaks[1][1] == peaks[0][1]


def test_a_search_that_would_take_too_long_leaves_the_order_of_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MOST_RUNS", 99)
    lowered = forked(24)
    found = order.orders(lowered, find_sharing(lowered), frozenset(lowered.graph.outputs))
    assert found == [tuple(range(len(lowered.graph.nodes)))]
