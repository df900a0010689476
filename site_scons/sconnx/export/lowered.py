# SPDX-License-Identifier: Apache-2.0
"""lowered.json: a graph with one chosen implementation per node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.export.access import Access, access_from_json
from sconnx.graph.graph import Graph
from sconnx.graph.json_form import graph_from_json, graph_to_json, read_document

SCHEMA = "sconnx.lowered/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The implementation of one node.

    Args:
        lib: name of the ExportLib.
        implementation: class name of the rule.
        kernel: C function, empty when the node needs no call; its file is <lib>/<source>.c in a kernels folder.
        header: the header that declares it.
        params_type: C type of its parameters.
        operands: positions of the inputs that are passed as rows.
        scratch_bytes: what the kernel needs while it runs.
        macs: multiply-accumulates of one run.
        access: the order of reading and writing.
        packed_bytes: of weights and biases as the rule packs them; None: as they are in the model.
        source: the name of the kernel's file, where it is another one than the kernel's.
    """

    lib: str
    implementation: str
    kernel: str
    header: str
    params_type: str
    operands: tuple[int, ...]
    scratch_bytes: int
    macs: int
    access: Access
    packed_bytes: int | None = None
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "access": self.access.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A graph and the choices, one for each of its nodes in order.

    Tensors of the imported graph keep their indices; those of adapters come after them.
    """

    target: str
    graph: Graph
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if len(self.choices) != len(self.graph.nodes):
            raise ValueError(f"{len(self.choices)} choices for {len(self.graph.nodes)} nodes")

    @property
    def kernels(self) -> tuple[tuple[str, str], ...]:
        """(lib, name of the file) of all kernels used, each once."""
        return tuple(sorted({(choice.lib, choice.source or choice.kernel) for choice in self.choices if choice.kernel}))

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(sorted({choice.header for choice in self.choices if choice.header}))

    def to_json(self) -> dict[str, Any]:
        document = graph_to_json(self.graph)
        choices = [choice.to_json() for choice in self.choices]
        return {**document, "schema": SCHEMA, "target": self.target, "choices": choices}


def lowered_from_json(document: Mapping[str, Any]) -> Lowered:
    choices = tuple(
        Choice(**{**choice, "operands": tuple(choice["operands"]), "access": access_from_json(choice["access"])})
        for choice in document["choices"]
    )
    return Lowered(target=document["target"], graph=graph_from_json(document), choices=choices)


def read_lowered(path: Path) -> Lowered:
    return lowered_from_json(read_document(path, SCHEMA))
