# SPDX-License-Identifier: Apache-2.0
"""The one place where recipes are matched: by structure, never by name. Fusing a match, and expanding it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import permutations

from sconnx.graph.graph import Graph
from sconnx.graph.node import Member, MetaOperator, Node, expand
from sconnx.graph.recipe import Recipe

COMMUTATIVE = frozenset({"Add", "Mul"})


@dataclass(frozen=True, slots=True)
class Match:
    """Nodes of a graph that form a recipe.

    Args:
        nodes: node index by member name, in the recipe's order.
        inputs: tensor index by name of the recipe's inputs; None for one that is absent.
    """

    recipe: Recipe
    nodes: dict[str, int]
    inputs: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class _Binding:
    nodes: dict[str, int]
    inputs: dict[str, int | None]


def find_matches(graph: Graph, recipe: Recipe) -> Iterator[Match]:
    """All matches in the order of their last nodes; several may share nodes, and it is the caller's to choose among them."""
    writers = {node.outputs[0]: index for index, node in enumerate(graph.nodes)}
    for index in range(len(graph.nodes)):
        for binding in _unify(graph, writers, recipe, recipe.members[-1].name, index, _Binding({}, {})):
            match = Match(recipe, {m.name: binding.nodes[m.name] for m in recipe.members}, binding.inputs)
            if _is_closed(graph, match):
                yield match


def _unify(
    graph: Graph, writers: dict[int, int], recipe: Recipe, name: str, index: int, binding: _Binding
) -> Iterator[_Binding]:
    """All ways in which node `index` can be the member `name`, given what is bound already."""
    pattern = recipe.pattern(name)
    node = graph.nodes[index]
    if pattern is None or node.type != pattern.operator or len(node.inputs) > len(pattern.inputs):
        return
    if name in binding.nodes or index in binding.nodes.values():
        if binding.nodes.get(name) == index:
            yield binding
        return
    bound = _Binding({**binding.nodes, name: index}, binding.inputs)
    padded = (*node.inputs, *(None,) * (len(pattern.inputs) - len(node.inputs)))
    orders = permutations(padded) if node.type in COMMUTATIVE else iter((padded,))
    for order in orders:
        yield from _unify_inputs(graph, writers, recipe, tuple(zip(pattern.inputs, order, strict=True)), bound)


def _unify_inputs(
    graph: Graph,
    writers: dict[int, int],
    recipe: Recipe,
    pairs: tuple[tuple[str, int | None], ...],
    binding: _Binding,
) -> Iterator[_Binding]:
    if not pairs:
        yield binding
        return
    (wanted, tensor), rest = pairs[0], pairs[1:]
    name = wanted.rstrip("?")
    if recipe.pattern(name) is not None:
        if tensor is not None and tensor in writers:
            for bound in _unify(graph, writers, recipe, name, writers[tensor], binding):
                yield from _unify_inputs(graph, writers, recipe, rest, bound)
        return
    if tensor is None and not wanted.endswith("?"):
        return
    if binding.inputs.get(name, tensor) == tensor:
        bound = _Binding(binding.nodes, {**binding.inputs, name: tensor})
        yield from _unify_inputs(graph, writers, recipe, rest, bound)


def _is_closed(graph: Graph, match: Match) -> bool:
    """Whether nobody outside reads a tensor between the members, nor a member as an input of the whole."""
    members = set(match.nodes.values())
    outputs = {graph.nodes[match.nodes[name]].outputs[0] for name in match.recipe.outputs}
    inner = {tensor for index in members for tensor in graph.nodes[index].outputs} - outputs
    outside = [node.reads for index, node in enumerate(graph.nodes) if index not in members]
    inputs = [tensor for tensor in match.inputs.values() if tensor is not None]
    return all(inner.isdisjoint(tensors) for tensors in (graph.kept, inputs, *outside))


def fused_node(graph: Graph, match: Match) -> Node:
    """The node of the MetaOperator; its inputs are the recipe's, its name and place the last member's."""
    last = graph.nodes[match.nodes[match.recipe.members[-1].name]]
    members = tuple(Member(name, graph.nodes[index]) for name, index in match.nodes.items())
    return Node(
        operator=MetaOperator(recipe=match.recipe.name, members=members),
        name=last.name,
        source_index=last.source_index,
        inputs=tuple(match.inputs[name] for name in match.recipe.inputs),
        outputs=tuple(graph.nodes[match.nodes[name]].outputs[0] for name in match.recipe.outputs),
    )


def fuse(graph: Graph, match: Match) -> Graph | None:
    """The graph with the match as one node; None when that node would have to run before and after another one."""
    members = set(match.nodes.values())
    last = match.nodes[match.recipe.members[-1].name]
    nodes = [
        fused_node(graph, match) if index == last else node
        for index, node in enumerate(graph.nodes)
        if index == last or index not in members
    ]
    ordered = _in_running_order(nodes)
    return None if ordered is None else replace(graph, nodes=ordered)


def _in_running_order(nodes: list[Node]) -> tuple[Node, ...] | None:
    """Sorted so that every tensor is written before it is read, otherwise as given; None for a cycle."""
    writers = {tensor: index for index, node in enumerate(nodes) for tensor in node.outputs}
    sorter = TopologicalSorter(
        {index: {writers[t] for t in node.reads if t in writers} for index, node in enumerate(nodes)}
    )
    try:
        sorter.prepare()
    except CycleError:
        return None
    order: list[int] = []
    ready: list[int] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return tuple(nodes[index] for index in order)


def expand_node(graph: Graph, index: int) -> Graph:
    """The graph with the members of node `index` in its place."""
    nodes = (*graph.nodes[:index], *expand(graph.nodes[index]), *graph.nodes[index + 1 :])
    return replace(graph, nodes=nodes)
