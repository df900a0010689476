# SPDX-License-Identifier: Apache-2.0
"""Which layers use which functions: a kernel is linked once, however many layers call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from sconnx.codegen.symbols import step_name
from sconnx.elf.image import ElfImage, Symbol
from sconnx.export.lowered import Lowered
from sconnx.stack.call_graph import CallGraph

Node = tuple[str, int]
"""A model and the position of a node in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelRow:
    """A function of the kernels, and the layers that run it, as `model:node`; none: only what cannot be followed calls it."""

    name: str
    size_bytes: int
    layers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCode:
    """Code of a layer: `kernel_bytes` of its kernel and all that it calls, `shared_bytes` of that in use by others as well."""

    kernel_bytes: int
    shared_bytes: int
    generated_bytes: int


def kernel_users(graph: CallGraph, models: Iterable[Lowered], *, follow: bool) -> dict[int, tuple[Node, ...]]:
    """The layers that reach each function, and each static table of one, by address.

    Args:
        follow: whether calls are followed; of a process of the build machine only the kernels themselves are known.
    """
    users: dict[int, list[Node]] = {}
    reached: dict[str, tuple[Symbol, ...]] = {}
    for lowered in models:
        for node, choice in enumerate(lowered.choices):
            kernel = graph.image.find_symbol(choice.kernel) if choice.kernel else None
            if kernel is None:
                continue
            if choice.kernel not in reached:
                reached[choice.kernel] = graph.reached(kernel) if follow else (kernel,)
            for function in reached[choice.kernel]:
                users.setdefault(function.address, []).append((lowered.graph.name, node))
    for table in graph.image.symbols:
        owner = _owner(graph.image, table)
        if owner is not None and owner.address in users:
            users.setdefault(table.address, users[owner.address])
    return {address: tuple(nodes) for address, nodes in users.items()}


def _owner(image: ElfImage, table: Symbol) -> Symbol | None:
    """The function that a static table is in, `function.table`, or the one that its source file is named after."""
    if table.kind != "object" or table.is_global:
        return None
    for name in (table.name.partition(".")[0], PurePath(table.file).stem):
        function = image.find_symbol(name)
        if function is not None and function.kind == "function":
            return function
    return None


def layer_code(
    model: str, node: int, kernels: Iterable[Symbol], users: Mapping[int, tuple[Node, ...]], sizes: Mapping[str, int]
) -> LayerCode:
    """Args:
    kernels: the functions that belong to kernels.
    sizes: bytes by symbol.
    """
    mine = [symbol for symbol in kernels if (model, node) in users.get(symbol.address, ())]
    return LayerCode(
        kernel_bytes=sum(symbol.size_bytes for symbol in mine),
        shared_bytes=sum(symbol.size_bytes for symbol in mine if len(users[symbol.address]) > 1),
        generated_bytes=sizes.get(step_name(model, node), 0),
    )


def kernel_rows(kernels: Iterable[Symbol], users: Mapping[int, tuple[Node, ...]]) -> tuple[KernelRow, ...]:
    """The largest first."""
    rows = [
        KernelRow(
            name=symbol.name,
            size_bytes=symbol.size_bytes,
            layers=tuple(f"{model}:{node}" for model, node in users.get(symbol.address, ())),
        )
        for symbol in kernels
    ]
    return tuple(sorted(rows, key=lambda row: (-row.size_bytes, row.name)))
