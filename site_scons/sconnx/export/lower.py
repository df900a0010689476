# SPDX-License-Identifier: Apache-2.0
"""Lowering: MetaOperators that a lib registers are formed, others expanded; every node gets an implementation."""

from __future__ import annotations

from collections.abc import Sequence

from sconnx.errors import SconnxError, raise_all
from sconnx.export.adapter import ADAPTERS, adapt
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.lowered import Choice, Lowered
from sconnx.export.merge_adapters import merge_adapters
from sconnx.export.node import ExportNode, export_node
from sconnx.export.refusal import refusal
from sconnx.export.selection import Verdict, first_fit, verdicts
from sconnx.graph.graph import Graph
from sconnx.graph.node import MetaOperator
from sconnx.graph.recipe import Recipe
from sconnx.passes.match import Match, expand_node, find_matches, fuse


def lower(graph: Graph, target: str, libs: Sequence[ExportLib], features: frozenset[str]) -> Lowered:
    """Choose an implementation for every node. Raises one error that lists all nodes that have none (E202)."""
    first_new = len(graph.tensors)
    graph, found, errors = attempt(graph, target, libs, features)
    raise_all(errors)
    choices = [choice for choice in found if choice is not None]
    graph, left = merge_adapters(graph, _adapters(graph, first_new))
    return Lowered(target=target, graph=graph, choices=tuple(choices[position] for position in left))


def attempt(
    graph: Graph, target: str, libs: Sequence[ExportLib], features: frozenset[str]
) -> tuple[Graph, list[Choice | None], list[SconnxError]]:
    """The graph with all MetaOperators and adapters, a choice for each node or None, and an error for each None (E202)."""
    graph = form_meta_operators(graph, libs, features)
    choices: list[Choice | None] = []
    errors: list[SconnxError] = []
    while len(choices) < len(graph.nodes):
        index = len(choices)
        node = export_node(graph, index)
        found = verdicts(node, libs, features)
        fit = first_fit(found)
        if fit is None:
            changed = _otherwise(graph, index, found, libs, features)
            if changed is not None:
                graph = changed
                continue
            errors.append(_unsupported(graph, node, target, found, libs))
        choices.append(None if fit is None else _choice(graph, node, fit.lib, fit.implementation))
    return graph, choices, errors


def form_meta_operators(graph: Graph, libs: Sequence[ExportLib], features: frozenset[str]) -> Graph:
    """The graph with every match of a registered recipe as one node, where an implementation fits it."""
    for lib in libs:
        for recipe in lib.recipes:
            graph = _form(graph, recipe, libs, features)
    return graph


def _form(graph: Graph, recipe: Recipe, libs: Sequence[ExportLib], features: frozenset[str]) -> Graph:
    refused: set[tuple[int, ...]] = set()
    while True:
        untried = (match for match in find_matches(graph, recipe) if _written(graph, match) not in refused)
        match = next(untried, None)
        if match is None:
            return graph
        written = _written(graph, match)
        refused.add(written)
        fused = fuse(graph, match)
        if fused is not None:
            position = next(index for index, node in enumerate(fused.nodes) if written[-1] in node.outputs)
            if first_fit(verdicts(export_node(fused, position), libs, features)) is not None:
                graph = fused


def _written(graph: Graph, match: Match) -> tuple[int, ...]:
    """What the members write: it names a match, and fusing other ones does not change it."""
    return tuple(graph.nodes[index].outputs[0] for index in match.nodes.values())


def _otherwise(
    graph: Graph, index: int, found: Sequence[Verdict], libs: Sequence[ExportLib], features: frozenset[str]
) -> Graph | None:
    """What can be done for a node that nothing fits: adapters around it, or its members in its place."""
    for adapted in adapt(graph, index, found, features):
        if _adapters_fit(graph, adapted, libs, features):
            return adapted
    if isinstance(graph.nodes[index].operator, MetaOperator):
        return expand_node(graph, index)
    return None


def _adapters_fit(before: Graph, after: Graph, libs: Sequence[ExportLib], features: frozenset[str]) -> bool:
    """Whether every node that was added has an implementation of its own."""
    added = _adapters(after, len(before.tensors))
    return all(first_fit(verdicts(export_node(after, index), libs, features)) is not None for index in added)


def _adapters(graph: Graph, first_new: int) -> frozenset[int]:
    """The nodes that were added: adapters that read or write a tensor from `first_new` on."""
    return frozenset(
        index
        for index, node in enumerate(graph.nodes)
        if node.type in ADAPTERS and any(tensor >= first_new for tensor in (*node.reads, *node.outputs))
    )


def _choice(graph: Graph, node: ExportNode, lib: ExportLib, implementation: Implementation) -> Choice:
    access = implementation.access(node)
    return Choice(
        lib=lib.name,
        implementation=type(implementation).__name__,
        kernel="" if access.kind == "alias" else implementation.kernel(node),
        header=implementation.header,
        params_type=implementation.params_type,
        operands=implementation.operands(node),
        scratch_bytes=implementation.scratch_bytes(node),
        macs=graph.macs(graph.nodes[node.index]),
        access=access,
        packed_bytes=implementation.packed_bytes(node),
        source=implementation.source,
    )


def _unsupported(
    graph: Graph, node: ExportNode, target: str, found: Sequence[Verdict], libs: Sequence[ExportLib]
) -> SconnxError:
    source = graph.nodes[node.index]
    nobody = f"no lib of {', '.join(lib.name for lib in libs)} registers {node.type}"
    return SconnxError(
        "E202",
        f"node {source.source_index} {node.name!r}: operator {node.type} has no implementation for {target}",
        where=graph.name,
        why=refusal(found) or nobody,
        help="`scons explain node=NAME` lists all candidates, `scons ops` what the target has; rules=DIR adds rules",
    )
