# SPDX-License-Identifier: Apache-2.0
"""Selection: one implementation per node, by the target's preference list of libs, most specific first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sconnx.errors import SconnxError, raise_all
from sconnx.export.library import ExportLib, Implementation
from sconnx.export.lowered import Choice, Lowered
from sconnx.export.node import ExportNode, export_node
from sconnx.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a candidate was not taken."""

    lib: str
    implementation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.lib}.{self.implementation}: {self.reason}"


def select(
    node: ExportNode, libs: Sequence[ExportLib], features: frozenset[str]
) -> tuple[ExportLib, Implementation] | list[Rejection]:
    """The implementation of a node, or every candidate's reason for refusing it.

    Args:
        libs: in order of preference.
        features: what the CPU has.
    """
    inputs = tuple(None if operand is None else operand.tensor for operand in node.inputs)
    outputs = tuple(operand.tensor for operand in node.outputs)
    rejections = []
    for lib in libs:
        for spec, implementation in lib.candidates(node.type):
            reason = spec.mismatch(inputs, outputs, features) or implementation.reject(node)
            if reason is None:
                return lib, implementation
            rejections.append(Rejection(lib.name, type(implementation).__name__, reason))
    return rejections


def _choice(node: ExportNode, lib: ExportLib, implementation: Implementation) -> Choice:
    access = implementation.access(node)
    kernel = "" if access.kind == "alias" else implementation.kernel(node)
    return Choice(
        lib=lib.name,
        implementation=type(implementation).__name__,
        kernel=kernel,
        source=f"{lib.kernels}/{kernel}.c" if kernel else "",
        header=implementation.header,
        params_type=implementation.params_type,
        operands=implementation.operands(node),
        access=access,
    )


def lower(graph: Graph, target: str, libs: Sequence[ExportLib], features: frozenset[str]) -> Lowered:
    """Choose an implementation for every node. Raises one error that lists all nodes that have none."""
    choices: list[Choice] = []
    errors: list[SconnxError] = []
    for index in range(len(graph.nodes)):
        node = export_node(graph, index)
        found = select(node, libs, features)
        if isinstance(found, tuple):
            choices.append(_choice(node, *found))
            continue
        errors.append(
            SconnxError(
                "E202",
                f"node {graph.nodes[index].source_index} {node.name!r}: operator {node.type} has no implementation for {target}",
                where=graph.name,
                why="; ".join(map(str, found))
                or f"no lib of {', '.join(lib.name for lib in libs)} registers {node.type}",
                help="add a rule with rules=DIR, or see `scons ops` for what the target has",
            )
        )
    raise_all(errors)
    return Lowered(target=target, graph=graph, choices=tuple(choices))
