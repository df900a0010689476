# SPDX-License-Identifier: Apache-2.0
"""The report: figures of the linked ELF beside the memory plan, every difference with its cause. report.json's data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sconnx.codegen.symbols import arena_symbol
from sconnx.elf.image import ElfImage
from sconnx.errors import SconnxError
from sconnx.export.lowered import Lowered
from sconnx.memory.meminfo import MemoryPlan, Mode
from sconnx.report.parts import (
    ARENA,
    BIASES,
    FLASH_PARTS,
    KERNELS,
    MODEL,
    PARAMETERS,
    RAM_PARTS,
    WEIGHTS,
    PartSize,
    part_of,
    part_sizes,
    process_sizes,
)
from sconnx.report.placed import check_weights
from sconnx.target.board import Board

SCHEMA = "sconnx.report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How the firmware was built."""

    model: str
    target: str
    board: str
    toolchain: str
    toolchain_version: str
    optimize: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """In the vocabulary of the field, in bytes.

    activation_ram: the arenas; total_ram: everything in RAM, the reserved stack included; weights_flash: weights and biases;
    code_flash: all other flash.
    """

    activation_ram_bytes: int
    total_ram_bytes: int
    weights_flash_bytes: int
    code_flash_bytes: int
    total_flash_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """One memory of the board."""

    name: str
    kind: str
    size_bytes: int
    used_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Bytes in RAM or flash that are not in the memory plan, and why they are there."""

    memory: str
    cause: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRow:
    """One node of the graph; it streams where rows go from it or to it while others of its step run."""

    node: int
    name: str
    operator: str
    implementation: str
    macs: int
    params_bytes: int
    step: int | None
    streams: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRow:
    name: str
    section: str
    size_bytes: int
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    build: Build
    rule: str
    summary: Summary
    regions: tuple[RegionRow, ...]
    plan_arena_bytes: int
    plan_lower_bound_bytes: int
    ram: tuple[PartSize, ...]
    flash: tuple[PartSize, ...]
    differences: tuple[Difference, ...]
    sections: tuple[dict[str, Any], ...]
    symbols: tuple[SymbolRow, ...]
    layers: tuple[LayerRow, ...]
    modes: tuple[Mode, ...]

    def to_json(self) -> dict[str, Any]:
        document = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {"schema": SCHEMA, **document}


def _size(parts: tuple[PartSize, ...], name: str) -> int:
    return next((part.size_bytes for part in parts if part.part == name), 0)


def check_arenas(image: ElfImage, model: str, plan: MemoryPlan, board: Board) -> None:
    """Raise SconnxError E301 unless every arena in the ELF is as large as the plan's peak and in its region."""
    for arena in plan.arenas:
        symbol = image.symbol(arena_symbol(model, arena.region, board.stack_region))
        region = symbol.region or board.stack_region
        if symbol.size_bytes != arena.size_bytes or region != arena.region:
            raise SconnxError(
                "E301",
                f"the arena has {symbol.size_bytes} bytes in {region}, "
                f"the memory plan {arena.size_bytes} in {arena.region}",
                where=image.file,
                why="the firmware was not built from this plan",
            )


def _layers(image: ElfImage, lowered: Lowered, plan: MemoryPlan) -> tuple[LayerRow, ...]:
    model = lowered.graph.name
    step_of = {node.node: step for step, info in enumerate(plan.steps) for node in info.nodes}
    rows = []
    for index, (node, choice) in enumerate(zip(lowered.graph.nodes, lowered.choices, strict=True)):
        prefix = f"{model}_p{index}"
        params = [s for s in image.symbols if s.name == prefix or s.name.startswith(f"{prefix}_")]
        rows.append(
            LayerRow(
                node=index,
                name=node.name,
                operator=node.type,
                implementation=choice.kernel or choice.access.kind,
                macs=choice.macs,
                params_bytes=sum(symbol.size_bytes for symbol in params),
                step=step_of.get(index),
                streams=index in step_of and plan.steps[step_of[index]].streams,
            )
        )
    return tuple(rows)


def _memories(image: ElfImage, board: Board, model: str) -> tuple[tuple[PartSize, ...], tuple[PartSize, ...]]:
    """RAM and flash by part; of a host process only what the model and its kernels take."""
    if board.regions:
        return _all_parts(image, board, "ram", model, RAM_PARTS), _all_parts(image, board, "flash", model, FLASH_PARTS)
    sizes = process_sizes(image, model)
    own = (WEIGHTS, BIASES, PARAMETERS, KERNELS, MODEL)
    return (
        (PartSize(part=ARENA, size_bytes=sizes.get(ARENA, 0)),),
        tuple(PartSize(part=part, size_bytes=sizes.get(part, 0)) for part in own),
    )


def _all_parts(image: ElfImage, board: Board, kind: str, model: str, parts: tuple[str, ...]) -> tuple[PartSize, ...]:
    """The parts of all regions of a kind, added up."""
    sizes = dict.fromkeys(parts, 0)
    for region in board.regions:
        for part in part_sizes(image, region.name, model, parts) if region.kind == kind else ():
            sizes[part.part] += part.size_bytes
    return tuple(PartSize(part=part, size_bytes=size_bytes) for part, size_bytes in sizes.items())


def make_report(image: ElfImage, lowered: Lowered, plan: MemoryPlan, board: Board, build: Build) -> Report:
    """Raises SconnxError E301 when arenas or weights differ from the plan."""
    model = lowered.graph.name
    check_arenas(image, model, plan, board)
    check_weights(image, model, plan, board)
    ram, flash = _memories(image, board, model)
    weights_bytes = _size(flash, WEIGHTS) + _size(flash, BIASES)
    total_flash = sum(part.size_bytes for part in flash)
    differences = [
        Difference(memory=memory, cause=part.part, size_bytes=part.size_bytes)
        for memory, parts in (("ram", ram), ("flash", flash))
        for part in parts
        if part.part != ARENA and part.size_bytes
    ]
    named = [symbol for symbol in image.symbols if symbol.size_bytes and symbol.kind in ("function", "object")]
    return Report(
        build=build,
        rule=lowered.graph.rule.value,
        summary=Summary(
            activation_ram_bytes=_size(ram, ARENA),
            total_ram_bytes=sum(part.size_bytes for part in ram),
            weights_flash_bytes=weights_bytes,
            code_flash_bytes=total_flash - weights_bytes,
            total_flash_bytes=total_flash,
        ),
        regions=tuple(
            RegionRow(
                name=region.name,
                kind=region.kind,
                size_bytes=region.size_bytes,
                used_bytes=image.use(region.name).used_bytes + image.use(region.name).gap_bytes,
            )
            for region in board.regions
        ),
        plan_arena_bytes=plan.arena_bytes,
        plan_lower_bound_bytes=sum(arena.lower_bound_bytes for arena in plan.arenas),
        ram=ram,
        flash=flash,
        differences=tuple(differences),
        sections=tuple(
            {"name": s.name, "kind": s.kind, "region": s.region, "address": s.address, "size_bytes": s.size_bytes}
            for s in image.sections
        ),
        symbols=tuple(
            SymbolRow(
                name=symbol.name,
                section=symbol.section,
                size_bytes=symbol.size_bytes,
                part=part_of(symbol, model),
            )
            for symbol in sorted(named, key=lambda symbol: (-symbol.size_bytes, symbol.name))
        ),
        layers=_layers(image, lowered, plan),
        modes=plan.modes,
    )
