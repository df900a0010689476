# SPDX-License-Identifier: Apache-2.0
"""packed.json: how large every array of <name>_params.c is, which the linked firmware is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sconnx.codegen.params_source import PackedParams
from sconnx.export.lowered import Lowered
from sconnx.graph.json_form import read_document

SCHEMA = "sconnx.packed/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedSymbol:
    """A symbol of <name>_params.c.

    Args:
        node: whose parameter it is; of a constant that is read as rows its first reader; None: it is an output, or what a
            state starts with.
        size_bytes: of an array; None: a struct, whose size is the compiler's matter.
    """

    symbol: str
    node: int | None
    size_bytes: int | None


def packed_symbols(lowered: Lowered, packed: PackedParams) -> tuple[PackedSymbol, ...]:
    """In the order of the file."""
    readers: dict[int, int] = {}
    for index, node in enumerate(lowered.graph.nodes):
        for tensor in node.reads:
            readers.setdefault(tensor, index)
    found = [
        PackedSymbol(symbol=array.name, node=readers.get(tensor), size_bytes=array.size_bytes)
        for tensor, array in packed.constants.items()
    ]
    for index, struct in packed.structs.items():
        found += [PackedSymbol(symbol=array.name, node=index, size_bytes=array.size_bytes) for array in struct.arrays]
        found.append(PackedSymbol(symbol=struct.name, node=index, size_bytes=None))
    return tuple(found)


def packed_to_json(symbols: tuple[PackedSymbol, ...]) -> Mapping[str, Any]:
    return {"schema": SCHEMA, "symbols": [asdict(symbol) for symbol in symbols]}


def read_packed(path: Path) -> tuple[PackedSymbol, ...]:
    return tuple(PackedSymbol(**row) for row in read_document(path, SCHEMA)["symbols"])
