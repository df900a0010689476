# SPDX-License-Identifier: Apache-2.0
"""What the plan says of single symbols: where each is, and how many bytes it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sconnx.codegen.firmware_arenas import FirmwareArena
from sconnx.codegen.packed_sizes import PackedSymbol
from sconnx.codegen.params_source import MOVABLE
from sconnx.elf.image import ElfImage
from sconnx.memory.meminfo import MemoryPlan
from sconnx.report.extents import Extent
from sconnx.report.finding import Finding
from sconnx.target.board import Board

CHECK = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A symbol of the plan.

    Args:
        region: empty in a process, which has no regions.
        size_bytes: None: the compiler says how large it is, a struct.
        model: empty for an arena that models share.
        node: None: it is no layer's.
        of_type: of a struct, its C type: structs of one type have one size.
        has_arrays: of a struct, whether it holds addresses of arrays.
    """

    symbol: str
    region: str
    size_bytes: int | None
    model: str = ""
    node: int | None = None
    of_type: str = ""
    has_arrays: bool = False


ADDRESS_BYTES = 4
"""The least size of an address, and with that what the size of a struct with addresses is a multiple of."""


def planned_arenas(arenas: Sequence[FirmwareArena], board: Board) -> Iterator[Planned]:
    for arena in arenas:
        model = "" if arena.is_shared else arena.models[0]
        region = arena.region if board.regions else ""
        yield Planned(symbol=arena.symbol, region=region, size_bytes=arena.size_bytes, model=model)


def planned_params(
    model: str, plan: MemoryPlan, packed: Sequence[PackedSymbol], types: Mapping[int, str], board: Board
) -> Iterator[Planned]:
    """Arrays, constants and structs of a model.

    Args:
        types: the C type of each node's struct.
    """
    places = {place.node: place.region for place in plan.parameters}
    flash = board.flash.name if board.regions else ""
    with_arrays = {row.node for row in packed if row.size_bytes is not None and row.symbol.startswith(f"{model}_p")}
    for row in packed:
        is_moved = board.regions and row.node is not None and row.symbol.endswith(MOVABLE)
        yield Planned(
            symbol=row.symbol,
            region=places.get(row.node or 0, flash) if is_moved else flash,
            size_bytes=row.size_bytes,
            model=model,
            node=row.node,
            of_type="" if row.size_bytes is not None else types[row.node or 0],
            has_arrays=row.size_bytes is None and row.node in with_arrays,
        )


def check_planned(image: ElfImage, planned: Sequence[Planned], found: Sequence[Extent]) -> tuple[Finding, ...]:
    """E301 for every symbol that is not there, elsewhere, or of another size than planned, to the byte.

    Args:
        found: of all regions; where symbols overlap, not every byte of a symbol is its own.
    """
    own_bytes = {extent.symbol.name: extent.size_bytes for extent in found if extent.symbol}
    sizes: dict[str, tuple[str, int]] = {}
    findings = []
    for each in planned:
        symbol = image.find_symbol(each.symbol)
        if symbol is None:
            findings.append(_finding(image, f"'{each.symbol}' is not in the firmware, the plan has it", each))
            continue
        size_bytes = symbol.size_bytes
        if size_bytes == each.size_bytes or each.size_bytes is None:
            size_bytes = own_bytes.get(each.symbol, size_bytes)
        if symbol.region != each.region:
            what = f"'{each.symbol}' lies in {symbol.region or 'no region'}, the memory plan has it in {each.region}"
            findings.append(_finding(image, what, each))
        if each.size_bytes is not None and size_bytes != each.size_bytes:
            what = f"'{each.symbol}' has {size_bytes:,} bytes, the plan {each.size_bytes:,}"
            findings.append(_finding(image, what, each))
        if each.has_arrays and size_bytes % ADDRESS_BYTES:
            what = f"'{each.symbol}' has {size_bytes:,} bytes, a struct with addresses a multiple of {ADDRESS_BYTES}"
            findings.append(_finding(image, what, each))
        if each.of_type:
            other, other_bytes = sizes.setdefault(each.of_type, (each.symbol, size_bytes))
            if size_bytes != other_bytes:
                what = f"'{each.symbol}' has {size_bytes:,} bytes, '{other}' of the same type {other_bytes:,}"
                findings.append(_finding(image, what, each))
    return tuple(findings)


def _finding(image: ElfImage, what: str, each: Planned) -> Finding:
    plans = "this plan" if each.model else "these plans"
    return Finding(
        check=CHECK,
        code="E301",
        what=what,
        where=image.file,
        why=f"the firmware was not built from {plans}",
        model=each.model,
        help="delete it and build it again; a linker script or an object of your own may have changed it",
    )
